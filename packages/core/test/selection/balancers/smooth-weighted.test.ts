import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { smoothWeighted } from '../../../src/selection/balancers/smooth-weighted.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { instance } from '../helpers.js'
import { chooserOf, counts, endpoint, endpoints, order, reasons } from './helpers.js'

/** So many that nginx's scan would take too long. */
const many = (n: number, weight: (i: number) => number): Endpoint[] =>
  endpoints(Array.from({ length: n }, (_, i) => weight(i)))

describe("nginx's order", () => {
  test('5, 1, 1 gives a a b a c a a, every cycle again', () => {
    const all = endpoints([5, 1, 1])
    const choose = chooserOf(smoothWeighted())
    for (let cycle = 0; cycle < 5; cycle++) expect(order(choose, all, 7)).toBe('a a b a c a a')
  })

  test('what the weights have in common does not matter', () => {
    expect(order(chooserOf(smoothWeighted()), endpoints([500, 100, 100]), 14)).toBe(
      'a a b a c a a a a b a c a a',
    )
  })

  test('4, 2, 1', () => {
    // By hand: 4,2,1 a; 1,4,2 b; 5,-1,3 a; 2,1,4 c; 6,3,-2 a; 3,5,-1 b; 7,0,0 a.
    expect(order(chooserOf(smoothWeighted()), endpoints([4, 2, 1]), 7)).toBe('a b a c a b a')
  })

  test('equal weights take turns, also when they are all 0', () => {
    expect(order(chooserOf(smoothWeighted()), endpoints([3, 3, 3]), 6)).toBe('a b c a b c')
    expect(order(chooserOf(smoothWeighted()), endpoints([0, 0, 0]), 6)).toBe('a b c a b c')
  })

  test('one candidate, and the largest weights', () => {
    expect(order(chooserOf(smoothWeighted()), endpoints([9]), 3)).toBe('a a a')
    expect(counts(chooserOf(smoothWeighted()), endpoints([65_535, 65_534]), 131_069)).toEqual([
      65_535, 65_534,
    ])
  })

  test('a weight of 0 beside others is never chosen', () => {
    expect(counts(chooserOf(smoothWeighted()), endpoints([0, 2, 1, 0]), 300)).toEqual([0, 200, 100, 0])
  })
})

describe('many candidates', () => {
  test('get exactly their shares in every cycle', () => {
    const all = many(1000, (i) => 1 + (i % 7))
    const choose = chooserOf(smoothWeighted())
    const total = all.reduce((sum, { instance }) => sum + instance.weight, 0)
    for (let cycle = 0; cycle < 3; cycle++) {
      expect(counts(choose, all, total)).toEqual(all.map(({ instance }) => instance.weight))
    }
  })

  test('of very different weights too', () => {
    const all = many(600, (i) => [1, 3, 40, 1000, 65_535][i % 5]!)
    const total = all.reduce((sum, { instance }) => sum + instance.weight, 0)
    const seen = counts(chooserOf(smoothWeighted()), all, Math.ceil(total / 100))
    seen.forEach((count, i) => expect(Math.abs(count - all[i]!.instance.weight / 100)).toBeLessThan(2.5))
  })

  test('nobody is chosen twice while lighter ones wait for their turn', () => {
    const all = many(1000, (i) => (i < 500 ? 2 : 1))
    const choose = chooserOf(smoothWeighted())
    const last = new Map<number, number>()
    let shortest = Infinity
    for (let pick = 0; pick < 6000; pick++) {
      const place = choose(all, undefined)
      shortest = Math.min(shortest, pick - (last.get(place) ?? -Infinity))
      last.set(place, pick)
    }
    // A weight of 2 in 1500 is due every 750 picks.
    expect(shortest).toBeGreaterThan(500)
  })

  test('a mixture that never repeats is still in proportion', () => {
    const all = many(2000, (i) => 1 + ((i * 48_271) % 65_535))
    const total = all.reduce((sum, { instance }) => sum + instance.weight, 0)
    const picks = 400_000
    const seen = counts(chooserOf(smoothWeighted()), all, picks)
    seen.forEach((count, i) => {
      expect(Math.abs(count - (picks * all[i]!.instance.weight) / total)).toBeLessThan(3)
    })
  })
})

describe('a change', () => {
  test('of one weight at every pick starves nobody', () => {
    const all = endpoints([5, 1, 1])
    const choose = chooserOf(smoothWeighted())
    const seen = [0, 0, 0]
    for (let i = 0; i < 700; i++) {
      all[0]!.instance = instance('a', { weight: 5 + (i % 2) })
      seen[choose([...all], undefined)]!++
    }
    // Were everybody set back, only a would ever be chosen.
    expect(seen[1]).toBeGreaterThan(85)
    expect(seen[2]).toBeGreaterThan(85)
  })

  test('keeps the place of the others, in the middle of a cycle', () => {
    const all = endpoints([1, 1, 1, 1, 1, 1])
    const choose = chooserOf(smoothWeighted())
    expect(order(choose, all, 3)).toBe('a b c')
    const without = all.filter(({ instance }) => instance.id !== 'b')
    expect(order(choose, without, 5)).toBe('d e f a c')
    expect(
      order(choose, [endpoint('new'), ...without], 6)
        .split(' ')
        .toSorted(),
    ).toEqual(['a', 'c', 'd', 'e', 'f', 'new'])
  })

  test('among many keeps the place of the others', () => {
    const all = many(1000, () => 1)
    const choose = chooserOf(smoothWeighted())
    counts(choose, all, 600)
    const without = all.filter((_, i) => i !== 10 && i !== 700)
    const next = Array.from({ length: 399 }, () => without[choose(without, undefined)])
    expect(next).toEqual(all.filter((_, i) => i >= 600 && i !== 700))
  })

  test.each([
    ['few', 6],
    ['many', 700],
  ])('however often, leaves everybody close to his due: %s', (_, n) => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: n, maxLength: n })
    const changes = fc.array(fc.record({ weights, picks: fc.integer({ min: 1, max: 3 * n }) }), {
      minLength: 2,
      maxLength: 8,
    })
    fc.assert(
      fc.property(changes, (steps) => {
        const all = many(n, () => 1)
        const choose = chooserOf(smoothWeighted())
        const due = all.map(() => 0)
        for (const { weights, picks } of steps) {
          all.forEach((each, i) => (each.instance = instance(each.instance.id, { weight: weights[i]! })))
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          counts(choose, [...all], picks).forEach((seen, i) => {
            due[i]! += (picks * weights[i]!) / total - seen
          })
        }
        for (const lag of due) expect(Math.abs(lag)).toBeLessThan(3)
      }),
      { numRuns: 30, seed: 1 },
    )
  })

  test('of the newcomers, who come and go, does not hold back those who stay', () => {
    const all = endpoints([1, 1, 1])
    const choose = chooserOf(smoothWeighted())
    const seen = new Map<string, number>()
    for (let i = 0; i < 300; i++) {
      const set = [endpoint(`new${i}`), ...all]
      for (let k = 0; k < 4; k++) {
        const { id } = set[choose(set, undefined)]!.instance
        seen.set(id, (seen.get(id) ?? 0) + 1)
      }
    }
    for (const id of ['a', 'b', 'c']) expect(Math.abs(seen.get(id)! - 300)).toBeLessThan(10)
  })
})

test('says why', () => {
  expect(reasons(chooserOf(smoothWeighted()), endpoints([5, 1, 1]))).toEqual([
    { balancer: 'smooth-weighted', because: 'its turn, of which it has 5 in 7' },
  ])
})
