import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock, type Adapter } from '@rollcall/core/adapter'
import { instanceOf, never, openLocal, temporaryFolder } from './support/local.js'

let program: string

beforeAll(async () => {
  const source = fileURLToPath(new URL('support/local-child.ts', import.meta.url))
  const conditions = ['@rollcall/source']
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions,
    write: false,
  })
  program = outputFiles[0]!.text
})

interface Child {
  process: ChildProcess
  /** The next line it prints. */
  says(): Promise<string>
}

function start(dir: string, id: string, ttlMs: number, incarnation = '1'): Child {
  const args = ['--input-type=module', '--eval', program, '--', dir, id, String(ttlMs), incarnation]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { process: child, says: async () => (await lines.next()).value as string }
}

/** Milliseconds until a watch, pulled as core pulls it, lists exactly these ids. */
async function untilListed(adapter: Adapter, ids: string[]): Promise<number> {
  const since = performance.now()
  for await (const { instances, askAgainMs } of adapter.watch('orders', AbortSignal.timeout(8_000))) {
    if (instances.map(({ id }) => id).join() === ids.join()) return performance.now() - since
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
  }
  throw new Error('unreachable')
}

describe('local: among processes', () => {
  it('an instance whose process is killed is gone at the next look, long before its TTL', async () => {
    const dir = temporaryFolder()
    const adapter = openLocal(systemClock, dir)
    const [a, b] = [start(dir, 'a', 60_000), start(dir, 'b', 60_000)]
    await Promise.all([a.says(), b.says()])
    await untilListed(adapter, ['a', 'b'])
    a.process.kill('SIGKILL')
    expect(await untilListed(adapter, ['b'])).toBeLessThan(1_000)
  })

  it.skipIf(process.platform === 'win32')(
    'an instance whose process is stopped is gone after its TTL, and comes back',
    async () => {
      const dir = temporaryFolder()
      const adapter = openLocal(systemClock, dir)
      const child = start(dir, 'a', 500)
      expect(await child.says()).toBe('registered')
      await untilListed(adapter, ['a'])
      child.process.kill('SIGSTOP')
      expect(await untilListed(adapter, [])).toBeLessThan(1_500)
      child.process.kill('SIGCONT')
      expect(await child.says()).toBe('LEASE_LOST')
      expect(await child.says()).toBe('registered')
      await untilListed(adapter, ['a'])
    },
  )

  it('a process that starts again takes over its id, from a dead self or from a living one', async () => {
    const dir = temporaryFolder()
    const first = start(dir, 'a', 1_000, '1')
    await first.says()
    const second = start(dir, 'a', 1_000, '2')
    expect(await second.says()).toBe('registered')
    expect(await first.says()).toBe('REPLACED')
    second.process.kill('SIGKILL')
    await once(second.process, 'exit')
    expect(await start(dir, 'a', 1_000, '3').says()).toBe('registered')
    await untilListed(openLocal(systemClock, dir), ['a'])
  })

  it('a kill at any moment of writing blocks nobody and spoils nothing', async () => {
    const dir = temporaryFolder()
    const adapter = openLocal(systemClock, dir)
    for (let round = 0; round < 6; round++) {
      const child = start(dir, 'a', 500, String(round))
      // Some die before they wrote, some while, some after: the start of a process takes 30 to 60 ms.
      await new Promise((resolve) => setTimeout(resolve, 30 + round * 15))
      child.process.kill('SIGKILL')
      await once(child.process, 'exit')
    }
    const lease = await adapter.register!(instanceOf({ incarnation: '9' }), 5_000, never)
    await lease.renew(never)
    await untilListed(adapter, ['a'])
    const records = readdirSync(join(dir, 'orders')).filter((name) => name.endsWith('.json'))
    expect(records).toEqual(['a~9.json'])
  })
})
