import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incarnationOf, keyOf, readRecord, serviceOf, servicePrefix, toValue } from '../src/codec.js'
import { instanceOf } from './support/open.js'

const base = '/services'
const text = fc.string({ minLength: 1, unit: 'binary' })
const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())

const instances = fc
  .record(
    {
      service: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
      id: text,
      host,
      port: fc.integer({ min: 1, max: 65_535 }),
      scheme: fc.constantFrom('http', 'https', 'grpc'),
      weight: fc.integer({ min: 0, max: 65_535 }),
      status: fc.constantFrom('up', 'draining', 'down'),
      zone: text,
      version: text,
      tags: fc.array(fc.string()),
      metadata: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/), fc.string()),
      incarnation: text,
      registeredAt: fc.integer({ min: 0 }),
    },
    { requiredKeys: ['service', 'id', 'host', 'port'] },
  )
  .map(instanceOf)

describe('codec', () => {
  test('every instance comes back as it was', () => {
    fc.assert(
      fc.property(instances, (instance) => {
        const key = keyOf(base, instance)
        expect(readRecord(base, instance.service, key, toValue(instance))).toEqual(instance)
        expect(serviceOf(base, key)).toBe(instance.service)
        expect(incarnationOf(toValue(instance))).toBe(instance.incarnation)
      }),
    )
  })

  test('two ids never share a key', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b)
        expect(keyOf(base, { service: 's', id: a })).not.toBe(keyOf(base, { service: 's', id: b }))
      }),
    )
  })

  test('whatever stands under a key is read or skipped with a reason, never thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text, (value, id) => {
        const key = servicePrefix(base, 's') + id
        const record = readRecord(base, 's', key, value)
        expect('reason' in record ? record.key : record.service).toBe('reason' in record ? key : 's')
        expect(typeof incarnationOf(value)).toBe('string')
      }),
    )
  })

  test.each([
    ['without Metadata', '{"Addr":"h:1"}'],
    ['with null', '{"Addr":"h:1","Metadata":null}'],
    ['with a number', '{"Addr":"h:1","Metadata":7}'],
    ['with a list', '{"Addr":"h:1","Metadata":[1]}'],
    ['with the Op that Go writes', '{"Op":0,"Addr":"h:1"}'],
  ])('a record of others %s has the defaults', (_, value) => {
    expect(readRecord(base, 'orders', '/services/orders/a', value)).toEqual(
      instanceOf({ host: 'h', port: 1, incarnation: '' }),
    )
  })

  test('what others put into Metadata is metadata, and ours where the names agree', () => {
    const value = '{"Addr":"h:1","Metadata":{"weight":5,"zone":"b","version":"2","team":"x","deep":{"y":1}}}'
    expect(readRecord(base, 'orders', '/services/orders/a', value)).toMatchObject({
      weight: 5,
      zone: 'b',
      version: '2',
      metadata: { weight: '5', zone: 'b', version: '2', team: 'x', deep: '{"y":1}' },
    })
  })

  test.each([
    ['/services/orders/a', 'orders'],
    ['/services/orders/a/b', undefined],
    ['/services/orders/', undefined],
    ['/services//a', undefined],
    ['/services/orders', undefined],
  ])('the key %s is of service %s', (key, service) => {
    expect(serviceOf(base, key)).toBe(service)
  })
})
