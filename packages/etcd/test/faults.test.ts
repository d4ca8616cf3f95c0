import type { TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Follower, idsOf } from './support/follower.js'
import { instanceOf, openEtcd, within, type EtcdAdapter } from './support/open.js'
import { startEtcd, withEtcd } from './support/server.js'
import { turn } from './support/turn.js'

describe('etcd under faults', { timeout: 30_000 }, () => {
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

  test('every verb ends at its abort, though the server is frozen', async () => {
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
    try {
      for (const [name, verb] of Object.entries(verbs)) {
        const reason = new Error(name)
        expect(await aborted(verb, reason), name).toBe(reason)
      }
      expect(await aborted((signal) => adapter.close(signal).then(() => 'closed'))).toBe('closed')
    } finally {
      await server.thaw()
    }
  })

  test('a dead connection fails at the deadline, and the next call takes a new one', async () => {
    const lease = await adapter.register(instanceOf(), 30_000, within())
    await server.cutOff()
    const before = server.proxy.accepted
    const since = performance.now()
    await expect(lease.renew(within())).rejects.toThrow(/DEADLINE_EXCEEDED/)
    console.log(`dead connection: failed after ${Math.round(performance.now() - since)} ms`)
    await server.restore()
    await lease.renew(within())
    expect(server.proxy.accepted).toBeGreaterThan(before)
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
    while (!(await isRegistered(adapter))) {
      tries++
      await pause(20)
    }
    console.log(`back after ${Math.round(performance.now() - since)} ms and ${tries} tries`)
    // The channel's backoff of at most 1.2 s is over after 60 of these pauses, however long they last.
    expect(tries).toBeLessThan(75)
  })

  test('with several hosts the first failure leads to the next', () =>
    withEtcd({}, async (second) => {
      const both = openEtcd(`${server.url},127.0.0.1:${second.port}`)
      await server.kill()
      try {
        const tries = []
        for (let i = 0; i < 4; i++) tries.push(await isRegistered(both))
        expect(tries.slice(1)).toEqual([true, true, true])
        const orders = new Follower((signal) => both.watch('orders', signal))
        expect(idsOf(await orders.until(() => true))).toEqual(['a'])
        await orders.stop()
      } finally {
        await both.close(within())
        await server.restart({ data: 'keep' })
      }
    }))
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What becomes of the verb in the very turn in which it is aborted; given some time before, to be well under way. */
async function aborted(verb: (signal: AbortSignal) => Promise<unknown>, reason?: Error): Promise<unknown> {
  const controller = new AbortController()
  let isAborted = false
  const early = (what: string) => (isAborted ? undefined : new Error(`it ${what} before its abort`))
  const done = verb(controller.signal).then(
    (result) => early('succeeded') ?? result,
    (error: unknown) => early('failed') ?? error,
  )
  await pause(50)
  isAborted = true
  controller.abort(reason)
  return Promise.race([done, turn()])
}

const isRegistered = (adapter: EtcdAdapter) =>
  adapter.register(instanceOf(), 30_000, within()).then(
    () => true,
    () => false,
  )
