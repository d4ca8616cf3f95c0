import { readInstance } from '@rollcall/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode, incarnationOf } from '../src/codec.js'
import { nodeNameOf } from '../src/wire/index.js'
import { instance } from './support/opened.js'

const json = (record: unknown): Buffer => Buffer.from(JSON.stringify(record))

// As Curator's JsonInstanceSerializer writes it.
const curator = {
  name: 'orders',
  id: '5a0f9a1c-6f3b-4f0a-8f43-3a9e62b6f4a2',
  address: '10.0.0.7',
  port: 8080,
  sslPort: null,
  payload: null,
  registrationTimeUTC: 1_700_000_000_123,
  serviceType: 'DYNAMIC',
  uriSpec: null,
}
const read = (record: object) => decode('orders', curator.id, json(record))

describe('what we write', () => {
  it('is what we read', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    const record = fc.record(
      {
        id: name,
        host: name,
        port: fc.integer({ min: 1, max: 65_535 }),
        scheme: fc.constantFrom('http', 'https', 'grpc', 'tcp'),
        weight: fc.integer({ min: 0, max: 65_535 }),
        status: fc.constantFrom('up', 'draining', 'down'),
        zone: name,
        version: name,
        tags: fc.array(text, { maxLength: 5 }),
        metadata: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), text, { maxKeys: 5 }),
        incarnation: text,
        registeredAt: fc.nat(),
      },
      { requiredKeys: ['id', 'host', 'port', 'registeredAt'] },
    )
    fc.assert(
      fc.property(record, (fields) => {
        const written = readInstance({ service: 'orders', ...fields })
        expect(decode('orders', nodeNameOf(written.id), encode(written))).toEqual(written)
      }),
    )
  })

  it('is what Curator writes, with our own fields beside it', () => {
    const written = instance({
      scheme: 'https',
      status: 'draining',
      weight: 7,
      zone: 'a',
      metadata: { k: 'v' },
    })
    expect(JSON.parse(encode(written).toString())).toEqual({
      name: 'orders',
      id: 'orders-1',
      address: '10.0.0.1',
      port: 8080,
      sslPort: 8080,
      payload: null,
      rollcall: {
        scheme: 'https',
        weight: 7,
        status: 'draining',
        zone: 'a',
        tags: [],
        metadata: { k: 'v' },
        incarnation: '0a',
      },
      registrationTimeUTC: 1_700_000_000_000,
      serviceType: 'DYNAMIC',
      uriSpec: { parts: expect.any(Array) },
      enabled: false,
    })
  })

  it('tells its incarnation without being an instance', () => {
    expect(incarnationOf(encode(instance({ incarnation: '0b' })))).toBe('0b')
    expect(incarnationOf(json(curator))).toBe('')
    expect(incarnationOf(Buffer.from('no JSON'))).toBe('')
  })
})

describe('what others write', () => {
  it('is read without a payload', () => {
    expect(read(curator)).toMatchObject({
      id: curator.id,
      url: 'http://10.0.0.7:8080',
      weight: 1,
      status: 'up',
      metadata: {},
      incarnation: '',
      registeredAt: 1_700_000_000_123,
    })
  })

  it('is read with Spring’s payload, its metadata and its classes', () => {
    const payload = {
      '@class': 'org.springframework.cloud.zookeeper.discovery.ZookeeperInstance',
      id: 'application-1',
      name: 'orders',
      metadata: { '@class': 'java.util.LinkedHashMap', instance_status: 'UP', team: 'blue' },
    }
    const metadata = { instance_status: 'UP', team: 'blue' }
    expect(read({ ...curator, payload })).toMatchObject({ status: 'up', metadata })
    payload.metadata.instance_status = 'OUT_OF_SERVICE'
    expect(read({ ...curator, payload })).toMatchObject({ status: 'down' })
  })

  it.each([['a string'], [17], [true], [['a', 'list']], [{ '@class': 'com.acme.Details', weight: 'heavy' }]])(
    'is read with any payload: %j',
    (payload) => {
      expect(read({ ...curator, payload })).toMatchObject({ host: '10.0.0.7', weight: 1, metadata: {} })
    },
  )

  it('is https where only the secure port is told', () => {
    expect(read({ ...curator, port: null, sslPort: 8443 }).url).toBe('https://10.0.0.7:8443')
    expect(read({ ...curator, sslPort: 8443 }).url).toBe('http://10.0.0.7:8080')
  })

  it('is down when it is disabled', () => {
    expect(read({ ...curator, enabled: false }).status).toBe('down')
    expect(read({ ...curator, enabled: true }).status).toBe('up')
  })

  it('goes by its node where the id differs from it or is missing', () => {
    expect(decode('orders', 'node-7', json(curator)).id).toBe('node-7')
    expect(decode('orders', 'node-7', json({ ...curator, id: undefined })).id).toBe('node-7')
  })

  it.each([
    ['it is empty', Buffer.alloc(0)],
    ['it is no JSON', Buffer.from('ACED0005')],
    ['it has no host', json([])],
    ['it has no host', json({ ...curator, address: null })],
    ['its port is missing', json({ ...curator, port: undefined, sslPort: undefined })],
    ['its port is null', json({ ...curator, port: null })],
    ['its port is "http"', json({ ...curator, port: 'http' })],
  ])('is refused with the reason: %s', (reason, data) => {
    expect(() => decode('orders', 'x', data)).toThrow(reason)
  })
})

describe('the name of a node', () => {
  it('is the id where ZooKeeper allows it', () => {
    for (const id of ['orders-1', 'a:b@c', 'Ärger', '10.0.0.1:80', '...', 'a b'])
      expect(nodeNameOf(id)).toBe(id)
  })

  it('is percent-encoded where it does not', () => {
    expect(nodeNameOf('a/b')).toBe('a%2Fb')
    expect(nodeNameOf('100%')).toBe('100%25')
    expect(nodeNameOf('.')).toBe('%2E')
    expect(nodeNameOf('..')).toBe('%2E%2E')
    expect(nodeNameOf('\u0000\u007f')).toBe('%00%7F')
    expect(nodeNameOf('😀')).toBe('%F0%9F%98%80')
  })

  it('is never that of another id', () => {
    const id = fc.string({
      unit: fc.constantFrom('%', '/', '2', 'F', 'E', '.', 'a'),
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(fc.property(id, id, (a, b) => (nodeNameOf(a) === nodeNameOf(b)) === (a === b)))
  })
})
