import { startServer, type TestServer } from '@rollcall/testing'
import type { Adapter, Instance, Lease, Listing } from '@rollcall/core/adapter'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from './support/api.js'
import { beat, longestWait, whileRenewed } from './support/beats.js'
import { expiryShows } from './support/expiry.js'
import { ids, instance, listed, listingWhere, opened, signal } from './support/opened.js'

vi.setConfig({ testTimeout: 30_000 })

let server: TestServer
let adapter: ReturnType<typeof opened>
let service: string
let count = 0

beforeAll(async () => {
  server = await startServer('consul', { dev: true })
  console.log(server.description)
  adapter = opened(server.url, { waitMs: 1_000 })
  await expiryShows(adapter)
}, 90_000)
afterAll(async () => {
  await adapter?.close(signal())
  await server?.stop()
})
beforeEach(() => {
  service = `orders-${++count}`
})

function one(fields: Parameters<typeof instance>[0] = {}): Instance {
  return instance({ service, ...fields })
}

function watched(fits: (listing: Listing) => boolean): Promise<Listing> {
  return listingWhere(adapter.watch(service, signal()), fits)
}

describe('register and watch', () => {
  it('lists an empty service at once', async () => {
    expect(await listed(adapter, service)).toMatchObject({ instances: [], lapsed: [], skipped: [] })
  })

  it('lists what was registered, as it was', async () => {
    const full = one({
      scheme: 'https',
      weight: 0,
      status: 'draining',
      zone: 'a',
      version: '1.2',
      tags: ['x', 'y'],
      metadata: { team: 'shop', empty: '' },
    })
    const lease = await adapter.register(full, 15_000, signal())
    expect(lease.ttlMs).toBe(15_000)
    const listing = await watched((l) => l.instances.length > 0)
    expect(listing.instances).toEqual([full])
    expect(listing).toMatchObject({ lapsed: [], skipped: [], revision: expect.stringMatching(/^\d+$/) })
  })

  it('takes the weights and as much metadata as core lets through', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 48 }, (_, i) => [`k${i}`.padEnd(128, 'x'), 'v'.repeat(512)]),
    )
    const heavy = one({ weight: 65_535, zone: 'z', version: 'v', scheme: 'grpc', status: 'down', metadata })
    await adapter.register(heavy, 15_000, signal())
    expect((await watched((l) => l.instances.length > 0)).instances).toEqual([heavy])
  })

  it.each(['a/b', 'a b', 'a?b#c%d', 'ü+;', '...', 'x'.repeat(300)])(
    'registers, renews and releases the id %j',
    async (id) => {
      const odd = one({ id })
      const lease = await adapter.register(odd, 15_000, signal())
      await lease.renew(signal())
      expect(ids(await watched((l) => l.instances.length > 0))).toEqual([id])
      await adapter.release(odd, signal())
      await watched((l) => l.instances.length === 0)
    },
  )

  it('keeps one id under two services apart', async () => {
    await adapter.register(one({ id: 'same' }), 15_000, signal())
    await adapter.register(one({ id: 'same', service: `${service}-b` }), 15_000, signal())
    expect(ids(await watched((l) => l.instances.length > 0))).toEqual(['same'])
    const other = adapter.watch(`${service}-b`, signal())
    expect(ids(await listingWhere(other, (l) => l.instances.length > 0))).toEqual(['same'])
  })

  it('tells a change within a wait, and confirms in its absence', async () => {
    const listings = adapter.watch(service, signal())[Symbol.asyncIterator]()
    await listings.next()
    const quiet = await listings.next()
    expect(quiet.value).toMatchObject({ instances: [] })
    const changed = listings.next()
    await adapter.register(one(), 15_000, signal())
    let listing = (await changed).value as Listing
    while (listing.instances.length === 0) listing = (await listings.next()).value as Listing
    expect(ids(listing)).toEqual(['orders-1'])
    await listings.return!()
  })

  it('updates without an absence, and without a lapse', async () => {
    const seen: Listing[] = []
    await adapter.register(one({ weight: 1 }), 15_000, signal())
    await watched((l) => l.instances.length === 1)
    const updated = listingWhere(adapter.watch(service, signal()), (l) => {
      seen.push(l)
      return l.instances[0]?.weight === 20
    })
    for (let weight = 2; weight <= 20; weight++) {
      // The second half by a process that was restarted.
      await adapter.register(one({ weight, incarnation: weight > 10 ? '0b' : '0a' }), 15_000, signal())
    }
    await updated
    expect(seen.filter((l) => l.instances.length !== 1)).toEqual([])
  })

  it('knows the names of services while they have an instance', async () => {
    await adapter.register(one(), 15_000, signal())
    const has = async (wanted: boolean): Promise<void> => {
      for await (const names of adapter.watchServices(signal()))
        if (names.includes(service) === wanted) return
    }
    await has(true)
    await adapter.release(one(), signal())
    await has(false)
  })

  it('reads foreign records and skips unusable ones', async () => {
    await api(server, 'PUT', '/v1/agent/service/register', {
      ID: `${service}-x`,
      Name: service,
      Port: 80,
      Address: '',
    })
    await api(server, 'PUT', '/v1/agent/service/register', { ID: `${service}-y`, Name: service })
    const listing = await watched((l) => l.skipped.length > 0 && l.instances.length > 0)
    expect(listing.instances).toMatchObject([{ id: `test/${service}-x`, host: '127.0.0.1', port: 80 }])
    expect(listing.skipped).toEqual([{ key: `test/${service}-y`, reason: 'its port is 0' }])
  })
})

describe('leases', () => {
  it('lapse when they are not renewed, and live again', async () => {
    const ttlMs = 1_000
    const sentAt = performance.now()
    const lease = await adapter.register(one(), ttlMs, signal())
    const gone = await watched((l) => l.lapsed!.length === 1)
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(ttlMs)
    expect(gone).toMatchObject({ instances: [], lapsed: [{ id: 'orders-1', status: 'down' }] })
    const back = watched((l) => l.instances.length === 1)
    expect(await whileRenewed(lease, back)).toMatchObject({ lapsed: [] })
  })

  it('last as long as they are renewed', async ({ skip }) => {
    const ttlMs = 2_000
    const over = new AbortController()
    const lapses: Listing[] = []
    const watching = (async () => {
      for await (const l of adapter.watch(service, over.signal)) if (l.lapsed!.length > 0) lapses.push(l)
    })().catch((error: unknown) => error)
    let lease!: Lease
    const beats = [await beat(async () => (lease = await adapter.register(one(), ttlMs, signal())))]
    while (performance.now() - beats[0]!.answeredAt < 2.5 * ttlMs) {
      await sleep(200)
      beats.push(await beat(() => lease.renew(signal())))
    }
    over.abort()
    expect(await watching).toBe(over.signal.reason)
    const waitMs = Math.round(longestWait(beats))
    skip(waitMs >= ttlMs, `shows nothing: between two beats were up to ${waitMs} ms of a TTL of ${ttlMs}`)
    expect(lapses).toEqual([])
  })

  it('keep what an instance says of itself', async () => {
    const lease = await adapter.register(one({ status: 'draining' }), 15_000, signal())
    await lease.renew(signal())
    expect(await watched((l) => l.instances.length === 1)).toMatchObject({
      instances: [{ status: 'draining' }],
    })
    const checks = await api(server, 'GET', `/v1/health/checks/${service}`)
    expect(checks).toMatchObject([{ Status: 'warning' }])
    const back = await adapter.register(one(), 15_000, signal())
    await back.renew(signal())
    await watched((l) => l.instances[0]?.status === 'up')
  })

  it('are lost when the registration is gone', async () => {
    const lease = await adapter.register(one(), 15_000, signal())
    await adapter.release(one(), signal())
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })
})

describe('incarnations', () => {
  const older = (): Instance => one({ incarnation: '0a' })
  const newer = (): Instance => one({ incarnation: '0b', port: 8081 })

  it('replaces an older one, whose lease is lost', async () => {
    const lease = await adapter.register(older(), 15_000, signal())
    await adapter.register(newer(), 15_000, signal())
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    expect((await watched((l) => l.instances[0]?.incarnation === '0b')).instances).toEqual([newer()])
    // The catalog hears of the new check and of the old one's end one after the other.
    const checks = (): Promise<unknown> => api(server, 'GET', `/v1/health/checks/${service}`)
    await expect.poll(checks, { timeout: 10_000 }).toHaveLength(1)
  })

  it.each(['up', 'draining', 'down'])('gives way to a newer one that is %s', async (status) => {
    await adapter.register({ ...newer(), status } as Instance, 15_000, signal())
    await expect(adapter.register(older(), 15_000, signal())).rejects.toMatchObject({ code: 'REPLACED' })
  })

  it('replaces a newer one that is dead', async () => {
    await adapter.register(newer(), 200, signal())
    await watched((l) => l.lapsed!.length === 1)
    await adapter.register(older(), 15_000, signal())
    expect((await watched((l) => l.instances.length === 1)).instances).toEqual([older()])
  })

  it('releases its own only', async () => {
    await adapter.register(newer(), 15_000, signal())
    await adapter.release(older(), signal())
    expect(ids(await watched((l) => l.instances.length === 1))).toEqual(['orders-1'])
    await adapter.release(newer(), signal())
    await adapter.release(newer(), signal())
    expect(await watched((l) => l.instances.length === 0)).toMatchObject({ lapsed: [] })
  })
})

describe('an abort', () => {
  const reason = new Error('enough')
  const verbs: [string, (a: Adapter, s: AbortSignal) => Promise<unknown>][] = [
    ['register', (a, s) => a.register!(one(), 15_000, s)],
    ['release', (a, s) => a.release!(one(), s)],
    ['watch', (a, s) => listingWhere(a.watch(service, s), () => false)],
    [
      'watchServices',
      async (a, s) => {
        for await (const names of a.watchServices!(s)) void names
      },
    ],
  ]
  it.each(verbs)('before %s is its end', async (_name, run) => {
    await expect(run(adapter, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
  it.each(verbs.slice(2))('ends %s while it waits', async (_name, run) => {
    const ending = new AbortController()
    const running = run(adapter, ending.signal)
    await listed(adapter, service)
    ending.abort(reason)
    await expect(running).rejects.toBe(reason)
  })
})
