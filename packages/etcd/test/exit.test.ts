import type { TestServer } from '@rollcall/testing'
import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RawReader } from './support/raw-reader.js'
import { startEtcd } from './support/server.js'

const run = promisify(execFile)

describe('a process that has closed its adapter', { timeout: 30_000 }, () => {
  let server: TestServer
  // Below the package, so that it finds the client, which reads files beside itself and can't be bundled.
  const program = fileURLToPath(new URL(`../node_modules/.exit-${process.pid}.mjs`, import.meta.url))

  beforeAll(async () => {
    server = await startEtcd()
    await build({
      entryPoints: [fileURLToPath(new URL('support/one-shot.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@rollcall/source'],
      external: ['etcd3', '@rollcall/consul', '@rollcall/zookeeper'],
    })
  })
  afterAll(async () => {
    await rm(program, { force: true })
    await server.stop()
  })

  const exit = async (mode: 'up' | 'down') => {
    const since = performance.now()
    const { stdout, stderr } = await run(process.execPath, [program, server.url, mode], {
      timeout: 9_000,
    })
    console.log(`etcd ${mode}: ended after ${Math.round(performance.now() - since)} ms`)
    return { stdout, stderr }
  }

  test('ends by itself, and leaves nothing in etcd', async () => {
    expect(await exit('up')).toEqual({ stdout: 'ended by itself\n', stderr: '' })
    const raw = new RawReader(server.directPort)
    expect(await raw.keys('/services/exit/')).toEqual([])
    expect(await raw.leases()).toEqual([])
    raw.close()
  })

  test('ends by itself though etcd is down', async () => {
    await server.kill()
    try {
      expect(await exit('down')).toEqual({ stdout: 'ended by itself\n', stderr: '' })
    } finally {
      await server.restart({ data: 'wipe' })
    }
  })

  test('ends by itself though etcd is frozen', async () => {
    await server.freeze()
    try {
      expect(await exit('down')).toEqual({ stdout: 'ended by itself\n', stderr: '' })
    } finally {
      await server.thaw()
    }
  })
})
