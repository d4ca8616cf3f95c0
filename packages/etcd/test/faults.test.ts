import type { TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Follower, idsOf } from './support/follower.js'
import { instanceOf, openEtcd, within, type EtcdAdapter } from './support/open.js'
import { startEtcd } from './support/server.js'

describe('etcd under faults', () => {
  let server: TestServer
  let adapter: EtcdAdapter

  beforeAll(async () => {
    server = await startEtcd()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    adapter = openEtcd(server.url)
  })
  afterEach(() => adapter.close(within(500)))

  test('every verb ends within 100 ms of its abort, though the server is frozen', async () => {
    const lease = await adapter.register(instanceOf(), 30_000, within())
    await server.freeze()
    const verbs: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
      register: (signal) => adapter.register(instanceOf(), 30_000, signal),
      'register anew': (signal) => adapter.register(instanceOf(), 40_000, signal),
      renew: (signal) => lease.renew(signal),
      release: (signal) => adapter.release(instanceOf(), signal),
      watch: (signal) => adapter.watch('orders', signal)[Symbol.asyncIterator]().next(),
      watchServices: (signal) => adapter.watchServices(signal)[Symbol.asyncIterator]().next(),
    }
    for (const [name, verb] of Object.entries(verbs)) {
      const controller = new AbortController()
      const reason = new Error(name)
      const done = verb(controller.signal).then(
        () => new Error(`${name} succeeded`),
        (error: unknown) => error,
      )
      setTimeout(() => controller.abort(reason), 50)
      const since = performance.now()
      expect(await done).toBe(reason)
      expect(performance.now() - since, name).toBeLessThan(150)
    }
    const since = performance.now()
    await adapter.close(AbortSignal.timeout(50))
    expect(performance.now() - since, 'close').toBeLessThan(150)
    await server.thaw()
  })

  test('a dead connection fails at the deadline, and the next call takes a new one', async () => {
    const lease = await adapter.register(instanceOf(), 30_000, within())
    await server.cutOff()
    const before = server.proxy.accepted
    const since = performance.now()
    await expect(lease.renew(within())).rejects.toThrow(/DEADLINE_EXCEEDED/)
    console.log(`dead connection: failed after ${Math.round(performance.now() - since)} ms`)
    const next = lease.renew(within(1_000)).catch(() => undefined)
    await next
    expect(server.proxy.accepted).toBeGreaterThan(before)
    await server.restore()
    await lease.renew(within())
  })

  test('a server that comes back is used at once', async () => {
    await adapter.register(instanceOf(), 30_000, within())
    await server.kill()
    for (let i = 0; i < 20; i++) {
      await expect(adapter.register(instanceOf(), 30_000, within())).rejects.toThrow(/UNAVAILABLE/)
    }
    await server.restart({ data: 'keep' })
    const since = performance.now()
    let tries = 1
    while (
      await adapter.register(instanceOf(), 30_000, within()).then(
        () => false,
        () => true,
      )
    ) {
      tries++
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    console.log(`back after ${Math.round(performance.now() - since)} ms and ${tries} tries`)
    expect(performance.now() - since).toBeLessThan(1_500)
  })

  test('with several hosts the first failure leads to the next', async () => {
    const second = await startEtcd()
    const both = openEtcd(`${server.url},127.0.0.1:${second.port}`)
    await server.kill()
    const tries = []
    for (let i = 0; i < 4; i++)
      tries.push(
        await both.register(instanceOf(), 5_000, within()).then(
          () => 'ok',
          () => 'failed',
        ),
      )
    expect(tries.slice(1)).toEqual(['ok', 'ok', 'ok'])
    const orders = new Follower((signal) => both.watch('orders', signal))
    expect(idsOf(await orders.until(() => true))).toEqual(['a'])
    await orders.stop()
    await both.close(within())
    await server.restart({ data: 'keep' })
    await second.stop()
  })
})
