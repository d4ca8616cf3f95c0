import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkIdOf, decodeAll, encode, serviceIdOf } from '../src/codec.js'
import { instance } from './support/opened.js'

const node = { Node: 'n1', Address: '10.9.9.9' }
const passing = [{ CheckID: 'serfHealth', Status: 'passing' }]

/** What Consul's health endpoint makes of a registration. */
function entryOf(body: object, checks: unknown = passing): unknown {
  const { Name, Check, ...service } = body as Record<string, unknown>
  void Check
  return { Node: node, Service: { ...service, Service: Name }, Checks: checks }
}

function foreign(fields: object, checks: unknown = passing): unknown {
  return { Node: node, Service: { ID: 'web', Address: '10.0.0.7', Port: 80, ...fields }, Checks: checks }
}

describe('encode', () => {
  it('names service, check and their expiry', () => {
    expect(encode(instance(), 15_000)).toEqual({
      ID: 'orders:orders-1',
      Name: 'orders',
      Address: '10.0.0.1',
      Port: 8080,
      Tags: [],
      Meta: { 'rollcall-incarnation': '0a', 'rollcall-registered-at': '1700000000000' },
      Weights: { Passing: 1, Warning: 1 },
      EnableTagOverride: false,
      Check: {
        CheckID: 'rollcall:orders:orders-1:0a',
        Name: 'Rollcall TTL',
        TTL: '15000ms',
        Status: 'passing',
        DeregisterCriticalServiceAfter: '1m',
      },
    })
  })

  it('shows an instance that takes no calls as warning, never as critical', () => {
    for (const status of ['draining', 'down']) {
      expect(encode(instance({ status }), 1000)).toMatchObject({ Check: { Status: 'warning' } })
    }
  })

  it('gives each incarnation a check of its own', () => {
    expect(checkIdOf(instance({ incarnation: '0b' }))).not.toBe(checkIdOf(instance()))
  })

  it.each(['a//b', '../x', 'a/./b', '.', '..', '/a', 'a/', 'a/..'])('refuses the id %j', (id) => {
    expect(() => serviceIdOf(instance({ id }))).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })

  it.each(['a/b', 'a b', '...', 'a?b#c', '%2e', 'ü', 'x..y/.z'])('takes the id %j', (id) => {
    expect(serviceIdOf(instance({ id }))).toBe(`orders:${id}`)
  })

  it('keeps ids apart that differ in case only', () => {
    const ids = ['a', 'A', '!a', '!A', '!!a', 'aA', 'Aa'].map((id) => serviceIdOf(instance({ id })))
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(ids.length)
    expect(serviceIdOf(instance({ service: 'ORDERS' })).toLowerCase()).not.toBe(serviceIdOf(instance()))
  })

  it('refuses metadata under a key of its own', () => {
    const metadata = { 'rollcall-zone': 'a' }
    expect(() => encode(instance({ metadata }), 1000)).toThrow(/rollcall-zone/)
  })
})

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/)
const anyInstance = fc
  .record(
    {
      id: fc.stringMatching(/^[A-Za-zÜü0-9:_ %?#!-]{1,40}$/),
      host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
      port: fc.integer({ min: 1, max: 65_535 }),
      incarnation: word,
      registeredAt: fc.integer({ min: 0, max: 2 ** 45 }),
      weight: fc.integer({ min: 0, max: 65_535 }),
      status: fc.constantFrom('up', 'draining', 'down'),
      scheme: fc.constantFrom('http', 'https', 'grpc'),
      zone: word,
      version: word,
      tags: fc.array(fc.string()),
      metadata: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/), fc.string({ maxLength: 512 })),
    },
    { requiredKeys: ['id', 'host', 'port', 'incarnation', 'registeredAt'] },
  )
  .map((fields) => instance(fields))

describe('decodeAll', () => {
  it('reads back whatever was written', () => {
    fc.assert(
      fc.property(anyInstance, (written) => {
        const { instances, lapsed, skipped } = decodeAll('orders', [entryOf(encode(written, 1000))])
        expect(instances).toEqual([written])
        expect([lapsed, skipped]).toEqual([[], []])
      }),
    )
  })

  it('never throws, and accounts for every entry', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.object().map((o) => foreign(o, o)),
          ),
        ),
        (entries) => {
          const { instances, lapsed = [], skipped } = decodeAll('orders', entries)
          expect(instances.length + lapsed.length + skipped.length).toBe(entries.length)
        },
      ),
    )
  })

  it('puts critical ones among the lapsed, as down', () => {
    const checks = [...passing, { CheckID: 'c', Status: 'critical' }]
    const listing = decodeAll('orders', [entryOf(encode(instance(), 1000), checks)])
    expect(listing.instances).toEqual([])
    expect(listing.lapsed).toMatchObject([{ id: 'orders-1', status: 'down' }])
  })

  it.each(['_node_maintenance', '_service_maintenance:web'])('lists %s as plainly down', (CheckID) => {
    const listing = decodeAll('web', [foreign({}, [{ CheckID, Status: 'critical' }])])
    expect(listing).toMatchObject({ instances: [{ status: 'down' }], lapsed: [] })
  })

  it('reads what others wrote', () => {
    const fields = { Tags: ['v1'], Meta: { team: 'a.b' }, Weights: { Passing: 7, Warning: 1 } }
    const warning = [{ CheckID: 'c', Status: 'warning' }]
    const { instances } = decodeAll('web', [foreign(fields, warning)])
    expect(instances).toMatchObject([
      { id: 'n1/web', host: '10.0.0.7', port: 80, weight: 7, status: 'up', tags: ['v1'], incarnation: '' },
    ])
    expect(instances[0]!.metadata).toEqual({ team: 'a.b' })
  })

  it("takes the node's address where a service has none", () => {
    expect(decodeAll('web', [foreign({ Address: '' })]).instances).toMatchObject([{ host: '10.9.9.9' }])
  })

  it('keeps services of one id on two nodes apart', () => {
    const there = { ...(foreign({}) as object), Node: { Node: 'n2', Address: '10.9.9.8' } }
    expect(decodeAll('web', [foreign({}), there]).instances.map((one) => one.id)).toEqual([
      'n1/web',
      'n2/web',
    ])
  })

  it('leaves out a service whose name differs in case', () => {
    const shouting = encode(instance({ service: 'ORDERS' }), 1000)
    expect(decodeAll('orders', [entryOf(shouting)])).toEqual({ instances: [], lapsed: [], skipped: [] })
  })

  it.each([
    [null, '?/?', 'it has no id'],
    [{ Node: node, Service: null }, 'n1/?', 'it has no id'],
    [foreign({ Port: 0 }), 'n1/web', 'its port is 0'],
    [foreign({ Port: { toString: 1 } }), 'n1/web', 'its port is an object'],
    [{ Service: { ID: 'web', Port: 1 } }, '?/web', 'it has no host'],
  ])('skips %j with key and reason', (entry, key, reason) => {
    expect(decodeAll('web', [entry, foreign({ ID: 'good' })])).toMatchObject({
      instances: [{ id: 'n1/good' }],
      skipped: [{ key, reason }],
    })
  })
})
