import type { Adapter } from '@rollcall/core/adapter'
import { startServer, type TestServer } from '@rollcall/testing'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dialled } from './support/dialled.js'
import { Follower, idsOf } from './support/follower.js'
import { instance, opened, signal, type OpenedWith } from './support/opened.js'
import { Reader } from './support/reader.js'

const path = '/services/orders/orders-1'

describe.each(['3.9.6', '3.8.0'])('on ZooKeeper %s', (version) => {
  let server: TestServer
  let reader: Reader
  const adapters: Adapter[] = []
  const followers: Follower<never>[] = []

  beforeAll(async () => {
    server = await startServer('zookeeper', { how: 'process', version, maxSessionTimeoutMs: 40_000 })
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    reader = await Reader.open(server.directPort)
  })
  afterEach(async () => {
    for (const follower of followers.splice(0)) await follower.stop()
    for (const adapter of adapters.splice(0)) await adapter.close?.(AbortSignal.timeout(5_000))
    await reader.close()
  })

  function open(with_: OpenedWith & { base?: string } = {}): Required<Adapter> {
    const adapter = opened(`${server.url}${with_.base ?? ''}`, with_)
    adapters.push(adapter)
    return adapter
  }

  function follow<T>(watch: (signal: AbortSignal) => AsyncIterable<T>): Follower<T> {
    const follower = new Follower(watch)
    followers.push(follower as Follower<never>)
    return follower
  }

  it('writes an ephemeral node with Curator’s fields below the base', async () => {
    await open().register(instance(), 4_000, signal())
    expect(JSON.parse(await reader.text(path))).toMatchObject({ name: 'orders', id: 'orders-1', port: 8080 })
    expect(await reader.owner(path)).not.toBe(0n)
    await open({ base: '/deep/down/below' }).register(instance(), 4_000, signal())
    expect(await reader.children('/deep/down/below/orders')).toEqual(['orders-1'])
  })

  it('updates in place: the node is never absent', async () => {
    const adapter = open()
    const watch = await reader.session.watch(path, signal())
    await adapter.register(instance(), 4_000, signal())
    const owner = await reader.owner(path)
    const listing = follow((own) => open().watch('orders', own))
    await listing.until((one) => idsOf(one).length === 1)
    for (let weight = 1; weight <= 50; weight++) await adapter.register(instance({ weight }), 4_000, signal())
    await listing.until(({ instances }) => instances[0]?.weight === 50)
    expect(listing.seen.slice(1).every((one) => one.instances.length === 1)).toBe(true)
    expect(await reader.owner(path)).toBe(owner)
    expect([...(await watch.next(signal()))]).toEqual([path])
  })

  it('takes its node over from an older session in one step', async () => {
    await open().register(instance(), 4_000, signal())
    const owner = await reader.owner(path)
    const listing = follow((own) => open().watch('orders', own))
    await listing.until((one) => idsOf(one).length === 1)
    await open().register(instance({ incarnation: '0b', weight: 9 }), 4_000, signal())
    await listing.until(({ instances }) => instances[0]?.weight === 9)
    expect(listing.seen.filter((one) => one.instances.length !== 1)).toHaveLength(
      listing.seen[0]!.instances.length ? 0 : 1,
    )
    expect(await reader.owner(path)).not.toBe(owner)
  })

  it('gives way to a newer incarnation', async () => {
    await open().register(instance({ incarnation: '0b' }), 4_000, signal())
    await expect(open().register(instance({ incarnation: '0a' }), 4_000, signal())).rejects.toMatchObject({
      code: 'REPLACED',
    })
    await open().release(instance({ incarnation: '0a' }), signal())
    expect(await reader.children('/services/orders')).toEqual(['orders-1'])
    await open().release(instance({ incarnation: '0b' }), signal())
    expect(await reader.children('/services/orders')).toEqual([])
  })

  it('keeps holding its session for an id that was announced anew when the older self is released', async () => {
    const adapter = open()
    const lease = await adapter.register(instance(), 4_000, signal())
    await adapter.register(instance({ incarnation: '0b' }), 4_000, signal())
    await adapter.release(instance(), signal())
    // Held by nothing, a session lives on without renewals for as long as its connection.
    await expect(once(lease.lost!, 'abort', { signal: signal() })).resolves.toBeDefined()
  }, 30_000)

  it('takes over a node that it can’t read, persistent or not', async () => {
    await reader.write('/services/unread/orders-1', 'garbage')
    await open().register(instance({ service: 'unread' }), 4_000, signal())
    expect(await reader.owner('/services/unread/orders-1')).not.toBe(0n)
  })

  it('keeps session and node through cut connections, and is renewed through the next', async () => {
    const adapter = open({ ttlMs: 10_000 })
    const lease = await adapter.register(instance(), 10_000, signal())
    const owner = await reader.owner(path)
    for (let i = 0; i < 3; i++) {
      server.proxy.dropConnections()
      // The first may still go into the connection that is about to break.
      await lease.renew(signal()).catch(() => lease.renew(signal()))
    }
    expect(await adapter.register(instance(), 10_000, signal())).toBe(lease)
    expect(await reader.owner(path)).toBe(owner)
  })

  it('registers what a lost answer left behind', async () => {
    const adapter = open({ ttlMs: 10_000 })
    const answered = instance({ service: 'answered' })
    // What is missing above the node would be asked for first.
    await reader.write('/services/answered', '')
    await adapter.release(answered, signal()) // connects
    await server.cutOff('answers')
    const attempt = new AbortController()
    const failing = adapter.register(answered, 10_000, attempt.signal).catch((reason: unknown) => reason)
    await reader.appearance('/services/answered/orders-1', signal())
    const enough = new Error('enough')
    attempt.abort(enough)
    expect(await failing).toBe(enough)
    await server.restore()
    await adapter.register({ ...answered, weight: 3 }, 10_000, signal())
    expect(JSON.parse(await reader.text('/services/answered/orders-1')).rollcall.weight).toBe(3)
  })

  it('says that the lease is lost when the session expired, and registers under a new one', async () => {
    const adapter = open()
    const lease = await adapter.register(instance(), 4_000, signal())
    expect(lease.ttlMs).toBe(4_000)
    server.refuse()
    server.proxy.dropConnections()
    await once(lease.lost!, 'abort')
    await server.restore()
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    const again = await dialled(() => adapter.register(instance(), 4_000, signal()))
    expect(again).not.toBe(lease)
    await again.renew(signal())
    expect(await reader.children('/services/orders')).toEqual(['orders-1'])
  }, 30_000)

  it('is LEASE_LOST at once after a restart without data, and works on after one with', async () => {
    // Longer than two starts of a server may take.
    const adapter = open({ ttlMs: 40_000 })
    const lease = await adapter.register(instance(), 40_000, signal())
    await server.restart({ data: 'keep' })
    await lease.renew(signal())
    expect(await adapter.register(instance(), 40_000, signal())).toBe(lease)
    await server.restart({ data: 'wipe' })
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await adapter.register(instance(), 40_000, signal())
    const listing = await follow((own) => adapter.watch('orders', own)).until(() => true)
    expect(idsOf(listing)).toEqual(['orders-1'])
  }, 30_000)

  it('a watch of a frozen server throws', async () => {
    const follower = follow((own) => open().watch('orders', own))
    await follower.until(() => true)
    await server.freeze()
    try {
      expect(await follower.ended).toMatchObject({ code: 'CONNECTION_LOSS' })
    } finally {
      await server.thaw()
    }
  })

  it('lists what others wrote, and tells of what it can’t read', async () => {
    await reader.write(
      '/services/mixed/plain',
      JSON.stringify({ id: 'plain', address: 'h', port: 1, payload: null }),
    )
    const payload = { '@class': 'com.acme.Details', metadata: { '@class': 'java.util.HashMap', a: 'b' } }
    await reader.write('/services/mixed/java', JSON.stringify({ id: 'java', address: 'h', port: 2, payload }))
    await reader.write('/services/mixed/empty', '')
    await reader.write('/services/mixed/garbage', '\u0000\u0001')
    await reader.write('/services/mixed/plain/below', 'of no interest')
    const listing = follow((own) => open().watch('mixed', own))
    const first = await listing.until(() => true)
    expect(idsOf(first)).toEqual(['java', 'plain'])
    expect(first.instances.find(({ id }) => id === 'java')?.metadata).toEqual({ a: 'b' })
    expect(first.skipped.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: '/services/mixed/empty', reason: 'it is empty' },
      { key: '/services/mixed/garbage', reason: 'it is no JSON' },
    ])
    await reader.write('/services/mixed/empty', JSON.stringify({ address: 'h', port: 3 }))
    await listing.until((one) => idsOf(one).includes('empty') && one.skipped.length === 1)
  })

  it('takes odd ids', async () => {
    const adapter = open()
    const ids = ['a/b', '..', '.', '100%', 'Ärger', '😀', ' ', 'x'.repeat(500), '10.0.0.1:80']
    for (const id of ids) await adapter.register(instance({ service: 'odd', id }), 4_000, signal())
    const listing = follow((own) => open().watch('odd', own))
    expect(idsOf(await listing.until(() => true))).toEqual(ids.toSorted())
    for (const id of ids) await adapter.release(instance({ service: 'odd', id }), signal())
    await listing.until((one) => idsOf(one).length === 0)
  })

  it('follows a thousand instances and hears of single changes', async () => {
    const ttlMs = 40_000
    const adapter = open({ ttlMs })
    const all = Array.from({ length: 1_000 }, (_, i) => instance({ service: 'big', id: `big-${i}` }))
    await Promise.all(all.map((one) => adapter.register(one, ttlMs, signal())))
    const listing = follow((own) => open({ ttlMs }).watch('big', own))
    await listing.until((one) => one.instances.length === 1_000)
    await adapter.release(all[500]!, signal())
    await listing.until((one) => one.instances.length === 999)
    await adapter.register({ ...all[1]!, weight: 8 }, ttlMs, signal())
    await listing.until((one) => one.instances.find(({ id }) => id === 'big-1')?.weight === 8)
  }, 30_000)

  it('tells the names of services that have an instance', async () => {
    await reader.write('/names/empty', '')
    const adapter = open({ base: '/names' })
    const names = follow((own) => open({ base: '/names' }).watchServices(own))
    expect(await names.until(() => true)).toEqual([])
    await adapter.register(instance({ service: 'b' }), 4_000, signal())
    await adapter.register(instance({ service: 'a' }), 4_000, signal())
    await names.until((some) => some.join() === 'a,b')
    await adapter.release(instance({ service: 'b' }), signal())
    await names.until((some) => some.join() === 'a')
  })

  it('confirms an unchanged set with every ping', async () => {
    await reader.write('/services/quiet/plain', JSON.stringify({ address: 'h', port: 1 }))
    const listing = follow((own) => open().watch('quiet', own))
    await listing.until(() => listing.seen.length >= 3)
    const [first, ...later] = listing.seen.map(({ instances }) => instances)
    expect(first).toHaveLength(1)
    // The very same: no change made it look again.
    for (const instances of later) expect(instances[0]).toBe(first![0])
  })

  it('after the last release the session lives on for those who watch', async () => {
    const adapter = open()
    // Of a service that nothing happens to: each listing is a ping.
    const listing = follow((own) => adapter.watch('nothing', own))
    await listing.until(() => true)
    const lease = await adapter.register(instance(), 4_000, signal())
    await adapter.release(instance(), signal())
    const count = listing.seen.length
    // One may be on its way, and three last as long as the lease would have.
    await listing.until(() => listing.seen.length >= count + 5)
    expect(lease.lost?.aborted).toBe(false)
  }, 30_000)
})
