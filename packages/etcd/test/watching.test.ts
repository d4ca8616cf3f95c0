import type { TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Follower, idsOf } from './support/follower.js'
import { instanceOf, openEtcd, within, type EtcdAdapter } from './support/open.js'
import { startEtcd, versions } from './support/server.js'
import { RawReader } from './support/raw-reader.js'
import { turn } from './support/turn.js'

describe.each(versions)('watching etcd %s', { timeout: 30_000 }, (version) => {
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

  test('a record of Go is read, whatever its metadata', async () => {
    await raw.put('/services/orders/go', '{"Op":0,"Addr":"10.0.0.9:50051","Metadata":null}')
    await raw.put('/services/orders/v6', '{"Addr":"[::1]:80","Metadata":{"zone":"b","team":{"x":1}}}')
    await raw.put('/services/orders/text', '{"Addr":"h:1","Metadata":"anything"}')
    const orders = following()
    const { instances, skipped } = await orders.until((listing) => listing.instances.length === 3)
    expect(skipped).toEqual([])
    expect(instances.map(({ id, url, zone, metadata }) => ({ id, url, zone, metadata }))).toEqual([
      { id: 'go', url: 'http://10.0.0.9:50051', zone: undefined, metadata: {} },
      { id: 'text', url: 'http://h:1', zone: undefined, metadata: {} },
      { id: 'v6', url: 'http://[::1]:80', zone: 'b', metadata: { zone: 'b', team: '{"x":1}' } },
    ])
    await orders.stop()
  })

  test('what cannot be read is skipped by name, and hides nobody', async () => {
    await raw.put('/services/orders/text', 'down for repair')
    await raw.put('/services/orders/list', '[]')
    await raw.put('/services/orders/portless', '{"Addr":"h"}')
    await raw.put('/services/orders/port0', '{"Addr":"h:0"}')
    await raw.put('/services/orders/', '{"Addr":"h:1"}')
    await raw.put('/services/orders/v2/x', '{"Addr":"h:1"}')
    await raw.put('/services/orders-eu/x', '{"Addr":"h:1"}')
    const orders = following()
    await adapter.register(instanceOf(), 5_000, within())
    const { skipped } = await orders.until(({ instances }) => instances.length === 1)
    expect(Object.fromEntries(skipped.map(({ key, reason }) => [key, reason]))).toEqual({
      '/services/orders/': 'it has no id',
      '/services/orders/list': 'its value is no JSON object',
      '/services/orders/port0': 'its port is 0',
      '/services/orders/portless': 'its Addr is "h", not host:port',
      '/services/orders/text': 'its value is no JSON',
      '/services/orders/v2/x': 'its key has a slash too many: it may belong to another service',
    })
    await raw.put('/services/orders/text', '{"Addr":"h:1"}')
    await orders.until((listing) => idsOf(listing).includes('text'))
    await orders.stop()
  })

  test('odd ids and names travel', async () => {
    const ids = ['a/b', '50%', '%2F', 'ü 😀', '.', '..', 'x'.repeat(300), '"', '\u0000']
    const service = 'a.b_c-D9'
    const orders = following(service)
    for (const id of ids) await adapter.register(instanceOf({ service, id }), 60_000, within())
    const all = await orders.until(({ instances }) => instances.length === ids.length)
    expect(idsOf(all)).toEqual(ids.toSorted())
    for (const id of ids) await adapter.release(instanceOf({ service, id }), within())
    await orders.until(({ instances }) => instances.length === 0, orders.seen.indexOf(all))
    expect(await raw.keys('/services/')).toEqual([])
    await orders.stop()
  })

  test('the path of the URL is the base', async () => {
    const elsewhere = openEtcd(`${server.url}/prod/eu/`)
    await elsewhere.register(instanceOf(), 5_000, within())
    expect(await raw.keys('/')).toEqual(['/prod/eu/orders/a'])
    await elsewhere.close(within())
  })

  test('the names of services come and go with their instances', async () => {
    const names = new Follower((signal) => adapter.watchServices(signal))
    await names.until((list) => list.length === 0)
    await raw.put('/services/loose', 'x')
    await raw.put('/services/deep/er/x', 'x')
    for (const service of ['web', 'orders']) await adapter.register(instanceOf({ service }), 60_000, within())
    await names.until((list) => list.join() === 'orders,web')
    await adapter.release(instanceOf({ service: 'web' }), within())
    await names.until((list) => list.join() === 'orders')
    await names.stop()
  })

  test('who pulls slowly sees the latest set, and nothing in between', async () => {
    const controller = new AbortController()
    const listings = adapter.watch('orders', controller.signal)[Symbol.asyncIterator]()
    await listings.next()
    const seen = following()
    const pulled: unknown[] = []
    const pull = async () => pulled.push((await listings.next()).value.instances[0].weight)
    for (let weight = 1; weight <= 50; weight++) {
      await adapter.register(instanceOf({ weight }), 60_000, within())
      // Once, so that its stream is open: what comes from now on comes one by one.
      if (weight === 1) await pull()
    }
    await seen.until(({ instances }) => instances[0]?.weight === 50)
    while (pulled.at(-1) !== 50) await pull()
    console.log(`etcd ${version}: 50 updates seen by a slow reader as ${pulled.join(', ')}`)
    // The last ones may still be on their way to this stream, and then come one by one here too.
    expect(pulled.length).toBeLessThan(25)
    controller.abort()
    await seen.stop()
  })

  test('more than one page, and more than 4 MiB, is one listing', async () => {
    const padding = 'x'.repeat(1_000)
    const value = JSON.stringify({ Addr: 'h:1', Metadata: { padding } })
    const ids = Array.from({ length: 4_500 }, (_, i) => `i${i}`)
    for (let at = 0; at < ids.length; at += 500) {
      await Promise.all(ids.slice(at, at + 500).map((id) => raw.put(`/services/orders/${id}`, value)))
    }
    const since = performance.now()
    const orders = following()
    const first = await orders.until(() => true)
    console.log(
      `etcd ${version}: ${first.instances.length} listed in ${Math.round(performance.now() - since)} ms`,
    )
    expect(idsOf(first)).toEqual(ids.toSorted())
    await raw.remove('/services/orders/i1')
    const { skipped } = await orders.until((listing) => !idsOf(listing).includes('i1'))
    expect(skipped).toEqual([])
    await orders.stop()
  })

  test('compaction of the past disturbs no watch', async () => {
    const orders = following()
    await adapter.register(instanceOf(), 5_000, within())
    await orders.until(({ instances }) => instances.length === 1)
    await raw.compact()
    await adapter.register(instanceOf({ id: 'b' }), 5_000, within())
    await orders.until(({ instances }) => instances.length === 2)
    await orders.stop()
  })

  test.each([
    ['kill', () => server.kill()],
    ['a reset of its connection', async () => server.proxy.dropConnections()],
  ])('%s ends a watch with an error, and the next one lists anew', async (_, fault) => {
    const orders = following()
    await orders.until(() => true)
    await fault()
    expect(await orders.ended).toBeInstanceOf(Error)
    await server.restart({ data: 'wipe' })
    await raw.put('/services/orders/new', '{"Addr":"h:1"}')
    const again = following()
    expect(idsOf(await again.until(() => true))).toEqual(['new'])
    await adapter.register(instanceOf(), 5_000, within())
    await again.until(({ instances }) => instances.length === 2)
    await again.stop()
  })

  test('an abort ends a watch at once with its reason, before and after its first listing', async () => {
    const reason = new Error('enough')
    const orders = following()
    await orders.until(() => true)
    expect(await Promise.race([orders.stop(reason), turn()])).toBe(reason)
    await expect(
      adapter.watch('orders', AbortSignal.abort(reason))[Symbol.asyncIterator]().next(),
    ).rejects.toBe(reason)
  })
})
