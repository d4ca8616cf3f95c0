import { startServer, type TestServer } from '@rollcall/testing'
import type { Lease, Listing } from '@rollcall/core/adapter'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { instance, listed, listingWhere, opened, signal } from './support/opened.js'

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

async function begin(): Promise<void> {
  adapter = opened(server.url, { waitMs: 1_000 })
  lease = await adapter.register(instance(), 15_000, signal())
  await listingWhere(adapter.watch('orders', signal()), holds('orders-1'))
}

describe('an agent that is frozen', () => {
  it('lets go of every verb within 100 ms of an abort', async () => {
    await begin()
    await server.freeze()
    const ending = new AbortController()
    const reason = new Error('enough')
    const running = [
      adapter.register(instance(), 15_000, ending.signal),
      adapter.release(instance(), ending.signal),
      lease.renew(ending.signal),
      listingWhere(adapter.watch('orders', ending.signal), () => false),
      (async () => {
        for await (const names of adapter.watchServices(ending.signal)) void names
      })(),
    ]
    const ends = running.map((one) => one.catch((error: unknown) => ({ error, at: performance.now() })))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const aborted = performance.now()
    ending.abort(reason)
    for (const end of (await Promise.all(ends)) as { error: unknown; at: number }[]) {
      expect(end.error).toBe(reason)
      expect(end.at - aborted).toBeLessThan(100)
    }
    await server.thaw()
  })

  it('may have registered nevertheless, and takes the same again', async () => {
    await begin()
    await server.freeze()
    const late = instance({ id: 'late' })
    await expect(adapter.register(late, 15_000, AbortSignal.timeout(300))).rejects.toThrow()
    await server.thaw()
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
  }, 30_000)

  it('without its data loses it, and registering again mends it', async () => {
    await begin()
    const watching = listingWhere(adapter.watch('orders', signal()), () => false).catch((e: unknown) => e)
    await server.restart({ data: 'wipe' })
    expect(await watching).toMatchObject({ code: 'UNAVAILABLE' })
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    expect(await listed(adapter)).toMatchObject({ instances: [], lapsed: [] })
    await adapter.register(instance(), 15_000, signal())
    await listingWhere(adapter.watch('orders', signal()), holds('orders-1'))
  }, 30_000)
})

describe('a network that is cut', () => {
  it('fails at once when it resets', async () => {
    await begin()
    await server.reset()
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await server.restore()
    await lease.renew(signal())
  })

  it('fails at once when nobody listens', async () => {
    await begin()
    server.refuse()
    await expect(listed(adapter)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: /orders: connect ECONNREFUSED.*is an agent running/,
    })
    await server.restore()
  })

  it('fails a watch after the wait and 5 s when it goes mute', async () => {
    await begin()
    const watching = listingWhere(adapter.watch('orders', signal()), () => false).catch((e: unknown) => e)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await server.cutOff()
    const started = performance.now()
    expect(await watching).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/within/) })
    expect(performance.now() - started).toBeLessThan(1_000 + 5_000 + 1_500)
    await server.restore()
  }, 15_000)
})
