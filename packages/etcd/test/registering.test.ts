import type { TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Follower, idsOf } from './support/follower.js'
import { Heartbeat } from './support/heartbeat.js'
import { instanceOf, openEtcd, within, type EtcdAdapter } from './support/open.js'
import { startEtcd, versions } from './support/server.js'
import { RawReader } from './support/raw-reader.js'

describe.each(versions)('registering on etcd %s', { timeout: 30_000 }, (version) => {
  let server: TestServer
  let raw: RawReader
  let adapter: EtcdAdapter

  beforeAll(async () => {
    server = await startEtcd({ version })
    raw = new RawReader(server.directPort)
  })
  afterAll(async () => {
    raw.close()
    await server.stop()
  })
  beforeEach(async () => {
    await raw.remove('/')
    adapter = openEtcd(server.url)
  })
  afterEach(() => adapter.close(within(1_000)))

  const following = (service = 'orders') => new Follower((signal) => adapter.watch(service, signal))

  test('a watch yields the empty set at once, then what is registered', async () => {
    const orders = following()
    await orders.until((listing) => listing.instances.length === 0)
    await adapter.register(instanceOf({ weight: 3, zone: 'a' }), 5_000, within())
    const listing = await orders.until(({ instances }) => instances.length === 1)
    expect(listing.instances).toEqual([instanceOf({ weight: 3, zone: 'a' })])
    expect(Number(listing.revision)).toBeGreaterThan(0)
    await orders.stop()
  })

  test('a record is what Go reads: Addr, and Metadata with all of ours', async () => {
    await adapter.register(instanceOf({ tags: ['x'] }), 5_000, within())
    expect(await raw.value('/services/orders/a')).toEqual({
      Addr: '10.0.0.1:8080',
      Metadata: {
        scheme: 'http',
        weight: 1,
        status: 'up',
        tags: ['x'],
        metadata: {},
        incarnation: '00000000b-1',
        registeredAt: 0,
      },
    })
  })

  test('registering again updates in place: the instance is never absent', async () => {
    const orders = following()
    await adapter.register(instanceOf(), 60_000, within())
    await orders.until((listing) => idsOf(listing).includes('a'))
    const from = orders.seen.length - 1
    for (let weight = 2; weight <= 20; weight++) {
      await adapter.register(instanceOf({ weight }), 60_000, within())
    }
    await orders.until(({ instances }) => instances[0]?.weight === 20)
    expect(orders.seen.slice(from).map(idsOf)).toEqual(orders.seen.slice(from).map(() => ['a']))
    await orders.stop()
  })

  test('all instances lie under one lease', async () => {
    const ids = ['a', 'b', 'c']
    const instances = ids.map((id) => instanceOf({ id }))
    const before = await raw.leases()
    const leases = await Promise.all(instances.map((one) => adapter.register(one, 5_000, within())))
    expect(new Set(leases).size).toBe(1)
    expect(leases[0]?.ttlMs).toBe(5_000)
    const added = (await raw.leases()).filter((id) => !before.includes(id))
    expect(added).toHaveLength(1)
    for (const id of ids) expect(await raw.leaseOf(`/services/orders/${id}`)).toBe(added[0])
  })

  test('release removes one and leaves the others; twice is no error', async () => {
    for (const id of ['a', 'b']) await adapter.register(instanceOf({ id }), 5_000, within())
    await adapter.release(instanceOf(), within())
    await adapter.release(instanceOf(), within())
    expect(await raw.keys('/services/')).toEqual(['/services/orders/b'])
  })

  test('release leaves another incarnation alone', async () => {
    await adapter.register(instanceOf({ incarnation: '00000000c-1' }), 5_000, within())
    await adapter.release(instanceOf(), within())
    expect(await raw.keys('/services/')).toEqual(['/services/orders/a'])
  })

  test('an older incarnation gives way, a newer one does not', async () => {
    await adapter.register(instanceOf({ port: 1 }), 5_000, within())
    await adapter.register(instanceOf({ port: 2, incarnation: '00000000c-1' }), 5_000, within())
    await expect(adapter.register(instanceOf({ port: 3 }), 5_000, within())).rejects.toMatchObject({
      code: 'REPLACED',
    })
    expect(await raw.value('/services/orders/a')).toMatchObject({ Addr: '10.0.0.1:2' })
  })

  test('a record that its ghost left under another lease is taken over', async () => {
    const ghost = openEtcd(server.url)
    await ghost.register(instanceOf(), 5_000, within())
    await adapter.register(instanceOf({ incarnation: '00000000c-1' }), 5_000, within())
    await ghost.close(within())
    expect(await raw.keys('/services/')).toEqual(['/services/orders/a'])
  })

  test('without heartbeats it is gone soon after its TTL, with them it stays', async ({ skip }) => {
    const silent = openEtcd(server.url)
    const orders = following()
    const askedAt = performance.now()
    // The shorter TTL: left to itself it would be gone well before the other.
    const lease = await adapter.register(instanceOf({ id: 'beating' }), 2_000, within())
    const heartbeat = new Heartbeat(lease, askedAt)
    try {
      const { ttlMs } = await silent.register(instanceOf({ id: 'silent' }), 3_000, within())
      const since = performance.now()
      const both = orders.seen.indexOf(await orders.until((listing) => idsOf(listing).includes('silent')))
      await orders.until((listing) => !idsOf(listing).includes('silent'), both)
      const lateMs = performance.now() - since - ttlMs
      const listings = orders.seen.slice(both)
      await heartbeat.stop()
      const { heldUpMs, longestGapMs } = heartbeat
      console.log(
        `etcd ${version}: gone ${Math.round(lateMs)} ms after its TTL of ${ttlMs} ms; ` +
          `${Math.round(longestGapMs)} ms between heartbeats, held up ${Math.round(heldUpMs)} ms`,
      )
      expect(lateMs).toBeLessThan(adapter.capabilities.goneAfterMs + heldUpMs)
      const lapses = listings.filter((listing) => !idsOf(listing).includes('beating'))
      expect(orders.last?.skipped).toEqual([])
      const isLate = longestGapMs >= lease.ttlMs
      skip(
        isLate,
        `shows nothing: up to ${Math.round(longestGapMs)} ms between heartbeats of a TTL of ${lease.ttlMs}`,
      )
      expect(lapses).toEqual([])
    } finally {
      await heartbeat.stop()
      await orders.stop()
      await silent.close(within(500))
    }
  })

  test('a lease that etcd has forgotten is lost, and the next one is new', async () => {
    const lease = await adapter.register(instanceOf(), 5_000, within())
    await lease.renew(within())
    await server.restart({ data: 'wipe' })
    await expect(lease.renew(within())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    const next = await adapter.register(instanceOf(), 5_000, within())
    expect(next).not.toBe(lease)
    await next.renew(within())
    expect(await raw.keys('/services/')).toEqual(['/services/orders/a'])
  })

  test('registering under a forgotten lease says so, and works at the next try', async () => {
    await adapter.register(instanceOf(), 5_000, within())
    await server.restart({ data: 'wipe' })
    await expect(adapter.register(instanceOf(), 5_000, within())).rejects.toMatchObject({
      code: 'LEASE_LOST',
    })
    await adapter.register(instanceOf(), 5_000, within())
    expect(await raw.keys('/services/')).toEqual(['/services/orders/a'])
  })

  test('close takes along what is registered', async () => {
    const other = openEtcd(server.url)
    await other.register(instanceOf(), 60_000, within())
    await other.close(within())
    expect(await raw.keys('/services/')).toEqual([])
    await expect(other.register(instanceOf(), 5_000, within())).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
