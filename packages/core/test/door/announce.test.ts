import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import type { AnnounceOptions } from '@rollcall/core'
import { instanceToAnnounce, updatedInstance } from '../../src/announce.js'
import { createIncarnation, isNewer, newestById } from '../../src/incarnation.js'
import { always, instance, setup } from '../helpers.js'

const given = { host: () => '10.0.0.1', incarnation: 'i', registeredAt: 5 }
const announce = (options: unknown) => instanceToAnnounce(options as AnnounceOptions, given)
const orders = { service: 'orders', port: 3000 }

describe('what may be announced', () => {
  it('gets defaults, and an id that a restart keeps', () => {
    expect(announce(orders)).toEqual({
      service: 'orders',
      id: 'orders-10.0.0.1-3000',
      host: '10.0.0.1',
      port: 3000,
      scheme: 'http',
      url: 'http://10.0.0.1:3000',
      weight: 1,
      status: 'up',
      tags: [],
      metadata: {},
      incarnation: 'i',
      registeredAt: 5,
    })
  })

  it.each<[string, unknown, unknown[], unknown[]]>([
    [
      'service',
      orders,
      ['a', 'A.b_c-9', 'x'.repeat(63)],
      ['', '-a', 'a/b', 'a b', 'ü', 'x'.repeat(64), 5, null, 'a\n'],
    ],
    ['port', orders, [1, 65_535], [0, 65_536, 1.5, '80', Number.NaN, null, -1]],
    ['id', orders, ['a', 'a:b@c.d_e-f', 'x'.repeat(200)], ['', '-a', 'a/b', 'a b', 'x'.repeat(201), 5]],
    ['scheme', orders, ['https', 'grpc', 'h2c+x'], ['', 'HTTP', '1x', 'a:', 5]],
    ['weight', orders, [0, 1, 65_535], [-1, 0.5, 65_536, '1', Number.NaN, Infinity]],
    ['status', orders, ['up', 'draining', 'down'], ['', 'UP', 'gone', 5]],
    ['zone', orders, ['eu-1', 'ü', 'x'.repeat(512)], ['', 'x'.repeat(513), 'a\nb', 5]],
    ['version', orders, ['1.0.0'], ['', 'a\u0000', 5]],
    ['tags', orders, [[], ['a', 'b c']], ['a', [''], [5], ['\u007f'], {}]],
    [
      'metadata',
      orders,
      [
        {},
        { a: '' },
        { 'A-z_9': 'x'.repeat(512) },
        Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, 'x'])),
      ],
      [
        null,
        [],
        'a',
        { 'a.b': 'x' },
        { '': 'x' },
        { a: 5 },
        { a: 'x'.repeat(513) },
        { a: 'x\n' },
        { ['k'.repeat(129)]: 'x' },
        Object.fromEntries(Array.from({ length: 49 }, (_, i) => [i, 'x'])),
      ],
    ],
  ])('%s', (name, base, good, bad) => {
    for (const value of good)
      expect(announce({ ...(base as object), [name]: value })).toMatchObject({ [name]: value })
    for (const value of bad) {
      const error = expect.objectContaining({
        code: 'BAD_OPTION',
        message: expect.stringContaining(`Option ${name} `),
      })
      expect(() => announce({ ...(base as object), [name]: value }), `${name}: ${String(value)}`).toThrow(
        error,
      )
    }
  })

  it.each(['h', 'a.b-c_d', '1.2.3.4', '::1', 'fe80::1', '::ffff:1.2.3.4'])('host %s', (host) => {
    expect(instanceToAnnounce(orders, { ...given, host: () => host }).host).toBe(host)
  })

  it.each(['', ' ', 'h:80', '[::1]', ':', ':::', 'a/b', 'fe80::1%eth0', 'ü', 'x'.repeat(254)])(
    'not host %j',
    (host) => {
      expect(() => instanceToAnnounce(orders, { ...given, host: () => host })).toThrow(/Option host/)
    },
  )

  it('is nothing else', () => {
    for (const options of [undefined, null, 5, 'orders']) expect(() => announce(options)).toThrow(/announce/)
    expect(() => announce({ ...orders, wait: 5 })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    )
    expect(() => announce({ ...orders, wieght: 5 })).toThrow(/mean weight/)
    expect(() => announce({ port: 5 })).toThrow(/Option service is undefined/)
    expect(() => announce({ service: 'orders' })).toThrow(/Option port is undefined/)
  })

  it('is checked before a host is looked for, and rejects', async () => {
    const { registry, adapter } = await setup()
    await expect(registry.announce(null as never)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    await expect(registry.announce({ ...orders, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    })
    await expect(registry.announce({ ...orders, host: 5 as never })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    })
    expect(() => registry.service('a b')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(adapter.registering.count).toBe(0)
  })

  it('may be updated in what does not make it another instance', () => {
    const before = announce({ ...orders, zone: 'a', metadata: { a: '1' } })
    expect(updatedInstance(before, { weight: 0, metadata: { b: '2' }, status: undefined as never })).toEqual({
      ...before,
      weight: 0,
      metadata: { b: '2' },
    })
    for (const changes of [{ port: 5 }, { id: 'x' }, { host: 'x' }, { service: 'x' }, { scheme: 'x' }]) {
      expect(() => updatedInstance(before, changes as never)).toThrow(
        expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
      )
    }
    expect(() => updatedInstance(before, null as never)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    )
  })
})

describe('incarnations', () => {
  it('sort by start, and none is older than any', () => {
    const first = createIncarnation(new ManualClock({ wall: 1_700_000_000_000 }), always(0.9))
    const later = createIncarnation(new ManualClock({ wall: 1_700_000_000_001 }), always(0.1))
    const early = createIncarnation(new ManualClock({ wall: 1 }), always(0.1))
    expect([isNewer(later, first), isNewer(first, later), isNewer(first, early), isNewer('', early)]).toEqual(
      [true, false, true, false],
    )
    expect(first).toMatch(/^[0-9a-z]{9}-[0-9a-f]{8}$/)
    const same = [instance('a', { port: 1 }), instance('a', { port: 2 })]
    expect(newestById(same).get('a')?.port).toBe(1)
  })
})
