import { startServer, type TestServer } from '@rollcall/testing'
import { build } from 'esbuild'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Reader } from './support/reader.js'

let server: TestServer
let folder: string

beforeAll(async () => {
  server = await startServer('zookeeper', { how: 'process' })
  folder = await mkdtemp(join(tmpdir(), 'rollcall-zookeeper-'))
  await build({
    entryPoints: [fileURLToPath(new URL('support/child.ts', import.meta.url))],
    outfile: join(folder, 'child.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@rollcall/source'],
    logLevel: 'error',
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

/** A process that has registered and watches. */
async function child(): Promise<ChildProcessWithoutNullStreams> {
  const process_ = spawn(process.execPath, [join(folder, 'child.cjs'), server.url], {
    stdio: 'pipe',
  })
  const [said] = (await once(process_.stdout, 'data')) as [Buffer]
  expect(said.toString()).toBe('orders-1\n')
  return process_
}

async function exitOf(
  process_: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; ms: number }> {
  const told = performance.now()
  process_.stdin.write('close\n')
  const [code] = (await once(process_, 'exit')) as [number | null]
  return { code, ms: performance.now() - told }
}

it('a process that closed exits, and its node is gone', async () => {
  const { code, ms } = await exitOf(await child())
  expect(code).toBe(0)
  expect(ms).toBeLessThan(500)
  const reader = await Reader.open(server.directPort)
  expect(await reader.children('/services/child')).toEqual([])
  await reader.close()
})

it('a process that closed exits though the server is frozen', async () => {
  const process_ = await child()
  await server.freeze()
  try {
    const { code, ms } = await exitOf(process_)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(1_500)
  } finally {
    await server.thaw()
  }
})
