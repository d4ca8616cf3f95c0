import { startServer, type TestServer } from '@rollcall/testing'
import type { Lease, Listing } from '@rollcall/core/adapter'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { instance, listed, listingWhere, opened, signal } from './support/opened.js'

vi.setConfig({ testTimeout: 30_000 })

let server: TestServer
let adapter: ReturnType<typeof opened>
let lease: Lease

beforeAll(async () => {
  server = await startServer('consul')
  console.log(server.description)
}, 60_000)
afterAll(() => server?.stop())
afterEach(() => adapter.close(signal()))

const holds =
  (id: string) =>
  (listing: Listing): boolean =>
    listing.instances.some((one) => one.id === id)

const wentAway = /the agent went away, or resets what exceeds its 200 connections/

async function begin(): Promise<void> {
  adapter = opened(server.url, { waitMs: 1_000 })
  lease = await adapter.register(instance(), 15_000, signal())
  await listingWhere(adapter.watch('orders', signal()), holds('orders-1'))
}

/** Thaws the agent however it ends: one that stayed frozen would fail every test after this. */
async function whileFrozen(work: () => Promise<void>): Promise<void> {
  await server.freeze()
  try {
    await work()
  } finally {
    await server.thaw()
  }
}

describe('an agent that is frozen', () => {
  it('lets go of every verb at an abort, in the same turn', async () => {
    await begin()
    await whileFrozen(async () => {
      const ending = new AbortController()
      const running = [
        adapter.register(instance(), 15_000, ending.signal),
        adapter.release(instance(), ending.signal),
        lease.renew(ending.signal),
        listingWhere(adapter.watch('orders', ending.signal), () => false),
        (async () => {
          for await (const names of adapter.watchServices(ending.signal)) void names
        })(),
      ]
      const ends: unknown[] = []
      for (const one of running) one.catch((error: unknown) => ends.push(error))
      await expect.poll(() => server.proxy.open, { timeout: 10_000 }).toBeGreaterThanOrEqual(5)
      const reason = new Error('enough')
      ending.abort(reason)
      await turn()
      expect(ends.map((error) => error === reason)).toEqual(running.map(() => true))
    })
  })

  it('may have registered nevertheless, and takes the same again', async () => {
    await begin()
    const late = instance({ id: 'late' })
    await whileFrozen(async () => {
      await expect(adapter.register(late, 15_000, AbortSignal.timeout(300))).rejects.toThrow()
    })
    const again = await adapter.register(late, 15_000, signal())
    await again.renew(signal())
    const listing = await listingWhere(adapter.watch('orders', signal()), holds('late'))
    expect(listing.skipped).toEqual([])
  })
})

describe('a restart', () => {
  it('with its data keeps the lease', async () => {
    await begin()
    await server.restart({ data: 'keep' })
    await lease.renew(signal())
    await listingWhere(adapter.watch('orders', signal()), holds('orders-1'))
  }, 60_000)

  it('without its data loses it, and registering again mends it', async () => {
    await begin()
    const watching = listingWhere(adapter.watch('orders', signal()), () => false).catch((e: unknown) => e)
    await server.restart({ data: 'wipe' })
    expect(await watching).toMatchObject({ code: 'UNAVAILABLE' })
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    expect(await listed(adapter)).toMatchObject({ instances: [], lapsed: [] })
    await adapter.register(instance(), 15_000, signal())
    await listingWhere(adapter.watch('orders', signal()), holds('orders-1'))
  }, 60_000)
})

describe('a network that is cut', () => {
  afterEach(() => server.restore())

  it('fails at once when it resets', async () => {
    await begin()
    await server.reset()
    await expect(lease.renew(signal())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(wentAway),
    })
    await server.restore()
    await lease.renew(signal())
  })

  it('fails at once when nobody listens', async () => {
    await begin()
    server.refuse()
    const refused = /orders: connect ECONNREFUSED.*is an agent running/
    // On a connection from before, unless its end has been noticed by now.
    await expect(listed(adapter)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`${refused.source}|${wentAway.source}`)),
    })
    const stranger = opened(server.url)
    await expect(listed(stranger)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(refused),
    })
    await stranger.close(signal())
  })

  it('fails a watch after the wait, a sixteenth of it, and 5 s when it goes mute', async () => {
    await begin()
    let pulls = 0
    const watching = listingWhere(adapter.watch('orders', signal()), () => ++pulls < 0)
    const end = watching.catch((error: unknown) => error)
    await expect.poll(() => pulls, { timeout: 10_000 }).toBeGreaterThan(0)
    await server.cutOff()
    expect(await end).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/within 6062\.5 ms/),
    })
  })
})
