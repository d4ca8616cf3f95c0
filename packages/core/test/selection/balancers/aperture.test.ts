import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { xorshift32 } from '../../../src/random.js'
import { aperture } from '../../../src/selection/balancers/aperture.js'
import { Slice } from '../../../src/selection/balancers/slice.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { chooserOf, counts, endpoints, fits, reasons } from './helpers.js'

const equal = (n: number): Endpoint[] => endpoints(Array.from({ length: n }, () => 1))

/** How many of them a caller uses. */
function used(options: { peer: number; peers: number; least?: number }, all: readonly Endpoint[]): number {
  return counts(chooserOf(aperture(options)), all, 3000).filter((count) => count > 0).length
}

describe('all callers together', () => {
  const given = fc.record({
    peers: fc.integer({ min: 1, max: 25 }),
    least: fc.integer({ min: 1, max: 15 }),
    weights: fc.oneof(
      fc.integer({ min: 1, max: 40 }).map((n) => Array.from({ length: n }, () => 1)),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
    ),
  })

  test('load every endpoint by its weight', () => {
    fc.assert(
      fc.property(given, ({ peers, least, weights }) => {
        const all = endpoints(weights)
        const random = xorshift32(11)
        const picks = Math.ceil(20_000 / peers)
        const seen = weights.map(() => 0)
        for (let peer = 0; peer < peers; peer++) {
          const choose = chooserOf(aperture({ peer, peers, least }), { random })
          counts(choose, all, picks).forEach((count, i) => (seen[i]! += count))
        }
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        seen.forEach((count, i) => expect(fits(count, picks * peers, weights[i]! / total)).toBe(true))
      }),
      { numRuns: 40, seed: 1 },
    )
  })

  test('use at least so many each, or all', () => {
    fc.assert(
      fc.property(given, ({ peers, least, weights }) => {
        const all = endpoints(weights)
        for (const peer of [0, peers >> 1, peers - 1]) {
          const choose = chooserOf(aperture({ peer, peers, least }))
          const some = new Set<number>()
          for (let i = 0; i < 2000; i++) some.add(choose(all, undefined))
          expect(some.size).toBeGreaterThanOrEqual(Math.min(least, all.length))
        }
      }),
      { numRuns: 40, seed: 1 },
    )
  })
})

test('of two drawn the less loaded is taken', () => {
  const all = equal(3)
  all[0]!.inFlight = 1
  all[2]!.inFlight = 2
  const seen = counts(chooserOf(aperture({ peer: 0, peers: 1 })), all, 30_000)
  expect(seen[2]).toBe(0)
  expect(fits(seen[1]!, 30_000, 2 / 3)).toBe(true)
})

test('of one that lies half in the slice half as much is expected', () => {
  // 3 endpoints, 2 callers, 1 at least: the slice is the first half, of which the second endpoint has a third.
  const all = equal(3)
  const choose = chooserOf(aperture({ peer: 0, peers: 2, least: 1 }))
  expect(fits(counts(choose, all, 30_000)[1]!, 30_000, 1 / 3)).toBe(true)
  all[0]!.inFlight = 2
  all[1]!.inFlight = 1
  expect(fits(counts(choose, all, 30_000)[1]!, 30_000, 1 / 3)).toBe(true)
  all[0]!.inFlight = 3
  expect(counts(choose, all, 100)).toEqual([0, 100, 0])
})

describe('options', () => {
  test('peer: another caller has another slice', () => {
    const all = equal(100)
    const slice = (peer: number): number[] => {
      const seen = counts(chooserOf(aperture({ peer, peers: 5, least: 10 })), all, 2000)
      return seen.flatMap((count, i) => (count > 0 ? [i] : []))
    }
    expect(slice(0)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(slice(4)).toEqual(Array.from({ length: 20 }, (_, i) => 80 + i))
  })

  test('peers: the more there are the fewer each needs', () => {
    const all = equal(120)
    expect([1, 2, 10, 40].map((peers) => used({ peer: 0, peers }, all))).toEqual([120, 60, 12, 12])
  })

  test('least: 12 by default', () => {
    const all = equal(100)
    expect(used({ peer: 3, peers: 100 }, all)).toBe(12)
    expect(used({ peer: 99, peers: 100, least: 30 }, all)).toBe(30)
    expect(used({ peer: 99, peers: 100, least: 300 }, all)).toBe(100)
    expect(used({ peer: 99, peers: 100, least: 1 }, all)).toBe(1)
  })

  test.each([
    [{ peers: 3 }, /peer is missing: number the callers from 0 to 2/],
    [{ peer: 0 }, /peers is missing/],
    [{ peer: 3, peers: 3 }, /peer is 3: of 3 peers the last is 2/],
    [{ peer: -1, peers: 3 }, /peer is -1/],
    [{ peer: 0.5, peers: 3 }, /peer is 0.5/],
    [{ peer: 0, peers: 0 }, /peers is 0/],
    [{ peer: 0, peers: 3, least: 0 }, /least is 0/],
    [{ peer: 0, peers: 3, lest: 5 }, /no option "aperture.lest". Did you mean aperture.least/],
    [undefined, /Option aperture is undefined/],
  ])('%j are refused', (options, message) => {
    expect(() => aperture(options as never)).toThrow(message)
  })
})

test('says why', () => {
  const all = equal(30)
  const [reason] = reasons(chooserOf(aperture({ peer: 0, peers: 10, least: 6 })), all)
  expect(reason).toMatchObject({ balancer: 'aperture', because: 'the less loaded of 2 drawn from 6' })
  expect(reason!.considered).toHaveLength(2)
  expect(reasons(chooserOf(aperture({ peer: 0, peers: 1 })), equal(1))).toEqual([
    {
      balancer: 'aperture',
      because: 'the only one of its slice',
      considered: [{ id: 'a', inFlight: 0, width: 1 }],
    },
  ])
})

describe('a slice', () => {
  const arcs = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 })

  test('finds the arc at every point, and another one beside it', () => {
    fc.assert(
      fc.property(arcs, fc.nat(1000), fc.nat(1000), (lengths, from, part) => {
        const ring = Float64Array.from(lengths)
        const round = lengths.reduce((sum, length) => sum + length, 0)
        const width = 1 + (part % round)
        const slice = new Slice(ring, from % round, width)
        const seen = lengths.map(() => 0)
        for (let x = 0; x < width; x++) seen[slice.members[slice.at(x)]!]!++
        const expected = lengths.map(() => 0)
        for (let x = 0; x < width; x++) expected[arcAt(lengths, ((from % round) + x) % round)]!++
        expect(seen).toEqual(expected)
        if (slice.members.length === 1) return
        let start = 0
        for (const [taken, length] of slice.widths.entries()) {
          const rest = width - length
          const drawn = slice.widths.map(() => 0)
          for (let y = 0.5; y < rest; y++) drawn[slice.beside(start + (y / rest) * length, taken)]!++
          expect(drawn).toEqual(slice.widths.map((other, i) => (i === taken ? 0 : other)))
          start += length
        }
      }),
      { seed: 1 },
    )
  })

  test('of the longest ring there may be loses nothing by rounding', () => {
    const peers = 1_000_000
    const ring = new Float64Array(10_000).fill(65_535 * peers)
    const slice = new Slice(ring, 0, 65_535 * 10_000 * peers)
    for (const i of [0, 1, 4_999, 9_998, 9_999]) {
      expect(slice.at(i * 65_535 * peers)).toBe(i)
      expect(slice.at((i + 1) * 65_535 * peers - 1)).toBe(i)
      expect(slice.beside(i * 65_535 * peers, i)).toBe(i === 0 ? 1 : 0)
      expect(slice.beside((i + 1) * 65_535 * peers - 1, i)).toBe(i === 9_999 ? 9_998 : 9_999)
    }
  })
})

function arcAt(lengths: readonly number[], x: number): number {
  let end = 0
  return lengths.findIndex((length) => (end += length) > x)
}
