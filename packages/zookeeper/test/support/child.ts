import { once } from 'node:events'
import { dialled } from './dialled.js'
import { Follower } from './follower.js'
import { instance, opened, signal } from './opened.js'

/** Registers, watches, closes, and has nothing that keeps it. */
async function main(): Promise<void> {
  const adapter = opened(process.argv[2]!, { ttlMs: 10_000 })
  const lease = await dialled(() => adapter.register(instance({ service: 'child' }), 10_000, signal()))
  await lease.renew(signal())
  // Left alone in the middle of a wait.
  const follower = new Follower((own) => adapter.watch('child', own))
  const listing = await follower.until(({ instances }) => instances.length > 0)
  process.stdout.write(`${listing.instances[0]!.id}\n`)
  // The server may be frozen by now.
  const [limitMs] = (await once(process.stdin, 'data')) as [Buffer]
  process.stdin.destroy()
  await adapter.close(AbortSignal.timeout(Number(limitMs)))
  // What was closed is still counted in this turn of the event loop.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
  // Pipes are its own input and output.
  const left = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap')
  process.stdout.write(`${JSON.stringify({ left })}\n`)
}

void main()
