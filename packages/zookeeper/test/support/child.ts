import { Follower } from './follower.js'
import { instance, opened, signal } from './opened.js'

/** Registers, watches, closes, and has nothing that keeps it. */
async function main(): Promise<void> {
  const adapter = opened(process.argv[2]!)
  const lease = await adapter.register(instance({ service: 'child' }), 4_000, signal())
  await lease.renew(signal())
  // Left alone in the middle of a wait.
  const follower = new Follower((own) => adapter.watch('child', own))
  const listing = await follower.until(({ instances }) => instances.length > 0)
  process.stdout.write(`${listing.instances[0]!.id}\n`)
  // The server may be frozen by now.
  await new Promise((resolve) => process.stdin.once('data', resolve))
  process.stdin.destroy()
  await adapter.close(AbortSignal.timeout(500))
}

void main()
