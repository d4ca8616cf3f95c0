import { setImmediate as turn } from 'node:timers/promises'
import { instance, listingWhere, opened, signal } from './opened.js'

/** Registers, watches, closes, and tells what of it still keeps the process. */
async function main(): Promise<void> {
  const keptAnyway = keeping()
  const adapter = opened(process.argv[2]!, { waitMs: 600_000 })
  const ending = new AbortController()
  const lease = await adapter.register(instance({ service: 'child' }), 15_000, ending.signal)
  await lease.renew(ending.signal)
  const listing = await listingWhere(adapter.watch('child', ending.signal), (l) => l.instances.length > 0)
  // Left alone in the middle of a wait.
  const rest = adapter.watch('child', ending.signal)[Symbol.asyncIterator]()
  await rest.next()
  void rest.next().catch(() => {})
  await turn()
  await adapter.close(signal())
  // Sockets that are closed are gone some turns later, without a wait for anything.
  for (let turns = 0; turns < 10; turns++) await turn()
  const kept = keeping()
  process.stdout.write(JSON.stringify({ ids: listing.instances.map((one) => one.id), kept, keptAnyway }))
}

/** What keeps the process; always with stdout and stderr, which Node opens at the first stream that is piped. */
function keeping(): string[] {
  void [process.stdout, process.stderr]
  return process.getActiveResourcesInfo()
}

void main()
