import { startServer, type TestServer } from '@rollcall/testing'
import type { Listing } from '@rollcall/core/adapter'
import { build } from 'esbuild'
import { setMaxListeners } from 'node:events'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instance, opened, signal } from './support/opened.js'

let server: TestServer
beforeAll(async () => {
  server = await startServer('consul', { dev: true })
  console.log(server.description)
}, 60_000)
afterAll(() => server?.stop())

describe("Consul's limit of 200 connections", () => {
  it('holds for 300 watches, and heartbeats go on beside them', async () => {
    const adapter = opened(server.url, { waitMs: 2_000 })
    const over = new AbortController()
    setMaxListeners(0, over.signal)
    const services = Array.from({ length: 300 }, (_, i) => `many-${i}`)
    const seen = new Set<string>()
    const failures: unknown[] = []
    const follow = async (service: string): Promise<void> => {
      for await (const { instances, askAgainMs = 0 } of adapter.watch(service, over.signal)) {
        if (instances.length > 0) seen.add(service)
        await new Promise((resolve) => setTimeout(resolve, Math.max(100, askAgainMs)))
      }
    }
    const watching = services.map((service) =>
      follow(service).catch((error: unknown) => over.signal.aborted || failures.push(error)),
    )
    const leases = []
    for (const service of services) {
      leases.push(await adapter.register(instance({ service }), 15_000, signal()))
    }
    const started = performance.now()
    await Promise.all(leases.map((lease) => lease.renew(signal())))
    const beatMs = Math.round(performance.now() - started)
    await expect.poll(() => seen.size, { timeout: 30_000 }).toBe(300)
    console.log(
      `300 heartbeats beside 300 watches: ${beatMs} ms, ${server.proxy.accepted} connections in all`,
    )
    over.abort()
    await Promise.all(watching)
    expect(failures).toEqual([])
    expect(server.proxy.accepted).toBeLessThan(150)
    await adapter.close(signal())
  }, 90_000)

  it('holds for many registrations at once', async () => {
    const adapter = opened(server.url)
    const all = Array.from({ length: 500 }, (_, i) => instance({ service: 'burst', id: `b${i}` }))
    const leases = await Promise.all(
      all.map((one) => adapter.register(one, 15_000, AbortSignal.timeout(30_000))),
    )
    expect(leases).toHaveLength(500)
    await Promise.all(all.map((one) => adapter.release(one, AbortSignal.timeout(30_000))))
    await adapter.close(signal())
  }, 60_000)

  it('gives a place back when a watch ends', async () => {
    const adapter = opened(server.url, { waitMs: 1_000 })
    for (let round = 0; round < 3; round++) {
      const over = new AbortController()
      setMaxListeners(0, over.signal)
      const first = await Promise.all(
        Array.from({ length: 101 }, () =>
          adapter.watch('many-0', over.signal)[Symbol.asyncIterator]().next(),
        ),
      )
      expect(first.filter(({ value }) => (value as Listing).askAgainMs !== undefined)).toHaveLength(1)
      over.abort()
    }
    await adapter.close(signal())
  }, 30_000)
})

describe('a process', () => {
  it('ends by itself after close', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-consul-'))
    const outfile = join(folder, 'child.cjs')
    const child = fileURLToPath(new URL('support/child.ts', import.meta.url))
    await build({
      entryPoints: [child],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      conditions: ['@rollcall/source'],
      logLevel: 'error',
    })
    // Less than the wait that it leaves under way.
    const limits = { timeout: 30_000 }
    const { stdout } = await promisify(execFile)(process.execPath, [outfile, server.url], limits)
    await rm(folder, { recursive: true })
    const { keptAnyway, ...report } = JSON.parse(stdout) as { keptAnyway: string[] }
    expect(report).toEqual({ ids: ['orders-1'], kept: keptAnyway })
  }, 60_000)
})
