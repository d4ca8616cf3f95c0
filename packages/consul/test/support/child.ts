import { instance, listingWhere, opened, signal } from './opened.js'

/** Registers, watches, closes, and has nothing that keeps it. */
async function main(): Promise<void> {
  const adapter = opened(process.argv[2]!)
  const ending = new AbortController()
  const lease = await adapter.register(instance({ service: 'child' }), 15_000, ending.signal)
  await lease.renew(ending.signal)
  const listing = await listingWhere(adapter.watch('child', ending.signal), (l) => l.instances.length > 0)
  // Left alone in the middle of a wait.
  const rest = adapter.watch('child', ending.signal)[Symbol.asyncIterator]()
  await rest.next()
  void rest.next().catch(() => {})
  await adapter.close(signal())
  process.stdout.write(JSON.stringify({ ids: listing.instances.map((one) => one.id), closedAt: Date.now() }))
}

void main()
