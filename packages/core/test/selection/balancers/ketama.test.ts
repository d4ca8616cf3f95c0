import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ring } from '../../../src/selection/balancers/ring.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { hashring, libmemcached, type KetamaVectors } from './ketama-vectors.js'
import { astray, chooserOf, endpoint, equals, keysOf, owners, reasons, setsWithOne, turned } from './keyed.js'

const keys = keysOf(200)

function endpointsOf({ servers }: KetamaVectors): Endpoint[] {
  return servers.map((server, i) => endpoint(`i${i}`, server))
}

function expectSame(vectors: KetamaVectors): void {
  const given = vectors.owners.map((_, i) => vectors.key(i))
  const wanted = vectors.owners.map((owner) => `i${owner}`)
  const all = endpointsOf(vectors)
  expect(owners(chooserOf(ring({ ketama: true })), all, given)).toEqual(wanted)
  expect(owners(chooserOf(ring({ ketama: true })), turned(all), given)).toEqual(wanted)
}

describe('ring({ ketama: true })', () => {
  test.each(Object.entries(libmemcached))('agrees with libmemcached: %s', (_, vectors) => expectSame(vectors))

  test('agrees with hashring where the variants are the same', () => expectSame(hashring))

  test('is another mapping than the ring of ids', () => {
    const all = equals(5)
    expect(owners(chooserOf(ring({ ketama: true })), all, keys)).not.toEqual(
      owners(chooserOf(ring()), all, keys),
    )
  })

  test('whoever leaves gives up its own keys and nobody else’s', () => {
    fc.assert(
      fc.property(setsWithOne(fc.constant(1)), ([all, one]) => {
        const choose = chooserOf(ring({ ketama: true }))
        const others = all.filter((endpoint) => endpoint !== one)
        const before = owners(choose, all, keys)
        const without = owners(choose, others, keys)
        expect(astray(before, without, one.instance.id)).toEqual([])
        expect(owners(choose, [one, ...others], keys)).toEqual(before)
      }),
      { numRuns: 30 },
    )
  })

  test('goes by the address: another id there has the same keys, the same id elsewhere has others', () => {
    const choose = chooserOf(ring({ ketama: true }))
    const [a, b, c] = [endpoint('a'), endpoint('b'), endpoint('c')]
    const before = owners(choose, [a, b, c], keys)
    const renamed = owners(choose, [a, b, endpoint('d', { host: 'c.test' })], keys)
    expect(renamed).toEqual(before.map((id) => (id === 'c' ? 'd' : id)))
    expect(owners(choose, [a, b, endpoint('c', { host: 'moved.test' })], keys)).not.toEqual(before)
    expect(owners(choose, [a, b, c], keys)).toEqual(before)
  })

  test('of two at the same address the smaller id has all its keys, whatever the order', () => {
    const [a, b] = [endpoint('a', { host: 'same.test' }), endpoint('b', { host: 'same.test' })]
    for (const all of [
      [a, b],
      [b, a],
    ])
      expect(new Set(owners(chooserOf(ring({ ketama: true })), all, keys))).toEqual(new Set(['a']))
  })

  test('says why', () => {
    const { noted } = reasons(chooserOf(ring({ ketama: true })), equals(3), 'alice')
    expect(noted[0]!.because).toBe("it owns the first of 480 points at the key's hash or after it")
    // MD5 of "alice" begins with 63 84 e2 b2.
    expect(noted[0]!.considered![0]!['hash']).toBe(0xb2e28463)
  })
})
