import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HashRing } from '../../../src/selection/balancers/hash-ring.js'
import { idPoints } from '../../../src/selection/balancers/id-points.js'
import { ring } from '../../../src/selection/balancers/ring.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import {
  astray,
  chooserOf,
  countsOf,
  endpoint,
  endpoints,
  equals,
  keysOf,
  owners,
  reasons,
  setsWithOne,
  turned,
} from './keyed.js'

const keys = keysOf(300)

function sizeOf(candidates: readonly Endpoint[], pointsPerWeight = 160): number {
  return ringOf(candidates, pointsPerWeight).size
}

function ringOf(candidates: readonly Endpoint[], pointsPerWeight = 160): HashRing {
  const points = new HashRing(idPoints(pointsPerWeight))
  points.update(candidates)
  return points
}

describe('ring', () => {
  test('gives these keys to these instances, in every version and process', () => {
    // A change here moves all keys of all users: it needs a major version.
    expect(owners(chooserOf(ring()), endpoints([1, 2, 3, 4]), keysOf(16)).join(' ')).toBe(
      'i2 i2 i3 i2 i1 i2 i3 i3 i3 i3 i3 i1 i2 i2 i0 i2',
    )
  })

  test('whoever leaves gives up its own keys and nobody else’s, whoever joins takes only its own', () => {
    fc.assert(
      fc.property(setsWithOne(fc.constant(3)), fc.boolean(), ([all, one], rebuilt) => {
        const choose = chooserOf(ring())
        const others = all.filter((endpoint) => endpoint !== one)
        const before = owners(choose, all, keys)
        const without = owners(rebuilt ? chooserOf(ring()) : choose, others, keys)
        expect(astray(before, without, one.instance.id)).toEqual([])
        expect(owners(choose, [...others, one], keys)).toEqual(before)
      }),
    )
  })

  test('the same where weights differ and the mean stays within its step', () => {
    const all = endpoints(Array.from({ length: 60 }, (_, i) => 8 + (i % 5)))
    const choose = chooserOf(ring())
    const before = owners(choose, all, keys)
    const without = owners(choose, all.slice(1), keys)
    expect(astray(before, without, 'i0')).toEqual([])
  })

  test('maps alike whatever the order, and however the set came about', () => {
    fc.assert(
      fc.property(setsWithOne(fc.integer({ min: 0, max: 9 })), ([all, one]) => {
        const grown = chooserOf(ring())
        for (const some of [[one], all.slice(0, 5), all.slice(3), all]) grown(some, 'key')
        expect(owners(grown, turned(all), keys)).toEqual(owners(chooserOf(ring()), all, keys))
      }),
    )
  })

  test('an edited ring is the ring made anew, through many changes of a large set', () => {
    const all = equals(200)
    const edited = new HashRing(idPoints(160))
    for (let i = 0; i < 60; i++) {
      const some = all.filter((_, place) => (place * 7 + Math.floor(place / 5)) % 60 !== i)
      edited.update(some)
      expect(edited.size).toBe(some.length * 160)
      expect(walk(edited)).toEqual(walk(ringOf(some)))
    }
  })

  test('takes the next point on the circle, round its end', () => {
    const points = ringOf(equals(2))
    const least = points.pointAt(-(2 ** 31))
    const greatest = lastPoint(points)
    expect(points.pointAt(greatest)).toBe(greatest)
    expect(points.pointAt(greatest + 1)).toBe(least)
    expect(points.placeOf(greatest + 1)).toBe(points.placeOf(least))
    expect(points.pointAt(2 ** 31 - 1)).toBe(least)
  })

  test('keeps to the weights', () => {
    const seen = countsOf(owners(chooserOf(ring()), endpoints([1, 2, 4, 8]), keysOf(60_000)))
    // A share varies by 1 / sqrt(points) of itself: 43 points for the lightest one here.
    for (const [i, weight] of [1, 2, 4, 8].entries())
      expect(Math.abs(seen.get(`i${i}`)! / ((60_000 * weight) / 15) - 1)).toBeLessThan(
        4 / Math.sqrt(43 * weight),
      )
  })

  test('spreads the keys of a hundred equals within 1 + 4 / sqrt(160) of the mean', () => {
    const seen = countsOf(owners(chooserOf(ring()), equals(100), keysOf(100_000)))
    expect(Math.max(...seen.values()) / 1000).toBeLessThan(1 + 4 / Math.sqrt(160))
  })

  test('has points relative to the mean weight, whatever the unit', () => {
    expect(sizeOf(endpoints([1, 1, 1]))).toBe(480)
    expect(sizeOf(endpoints([0, 0, 0]))).toBe(480)
    expect(sizeOf(endpoints([64, 64]))).toBe(320)
    // The mean in steps of a quarter power of two: at most 9 % beside it.
    for (const weight of [3, 7, 100, 65_535])
      expect(Math.abs(sizeOf(endpoints([weight, weight])) / 320 - 1)).toBeLessThan(0.1)
    expect(sizeOf(endpoints([1, 65_535]))).toBeLessThan(400)
    expect(sizeOf(endpoints([1, 2]))).toBe(113 + 226)
  })

  test('everybody has a point, and all together 8 million at most', () => {
    const heavy = endpoints([1, ...Array.from({ length: 200 }, () => 65_535)])
    expect(owners(chooserOf(ring({ pointsPerWeight: 1 })), heavy, keysOf(4000))).toContain('i7')
    expect(idPoints(65_536).counts(heavy)[0]).toBe(1)
    const total = idPoints(65_536)
      .counts(heavy)
      .reduce((sum, count) => sum + count, 0)
    expect(total).toBeGreaterThan(7_999_000)
    expect(total).toBeLessThan(8_001_000)
  })

  test('pointsPerWeight is how many there are', () => {
    expect(sizeOf(equals(3), 10)).toBe(30)
    const [few, many] = [10, 1000].map((pointsPerWeight) =>
      Math.max(
        ...countsOf(owners(chooserOf(ring({ pointsPerWeight })), equals(10), keysOf(20_000))).values(),
      ),
    )
    expect(few!).toBeGreaterThan(many! + 500)
  })

  test('takes at most 12 bytes per point', () => {
    for (const n of [3, 10, 57, 100, 400]) {
      const points = ringOf(equals(n))
      expect(points.bytes / points.size).toBeLessThan(12)
    }
  })

  test('follows weights that change, and an instance that returns with its id elsewhere', () => {
    const choose = chooserOf(ring())
    const [a, b] = [endpoint('a'), endpoint('b')]
    const before = owners(choose, [a, b], keys)
    expect(owners(choose, [a, endpoint('b', { host: 'other.test', incarnation: 'two' })], keys)).toEqual(
      before,
    )
    const heavier = owners(choose, [a, endpoint('b', { weight: 3 })], keys)
    expect(countsOf(heavier).get('b')!).toBeGreaterThan(countsOf(before).get('b')! + 30)
    expect(owners(choose, [a, b], keys)).toEqual(before)
  })

  test('one candidate has all keys', () => {
    expect(new Set(owners(chooserOf(ring()), equals(1), keys))).toEqual(new Set(['i0']))
  })

  test('chooses at random without a key, whatever the weights', () => {
    const choose = chooserOf(ring())
    const all = endpoints([1, 9])
    const light = Array.from({ length: 2000 }, () => choose(all, undefined)).filter((place) => place === 0)
    expect(Math.abs(light.length - 1000)).toBeLessThan(120)
    expect(reasons(choose, all).noted).toEqual([
      { balancer: 'ring', because: 'no key was given: drawn at random' },
    ])
  })

  test('says why', () => {
    const choose = chooserOf(ring())
    const all = equals(3)
    const { place, noted } = reasons(choose, all, 'alice')
    expect(noted).toEqual([
      {
        balancer: 'ring',
        because: "it owns the first of 480 points at the key's hash or after it",
        considered: [{ id: `i${place}`, hash: expect.any(Number), point: expect.any(Number) }],
      },
    ])
    expect(place).toBe(choose(all, 'alice'))
  })

  test('survives an id that is there twice', () => {
    const twice = [endpoint('a'), endpoint('a', { weight: 5 }), endpoint('b')]
    const choose = chooserOf(ring())
    expect(new Set(owners(choose, twice, keys))).toEqual(new Set(['a', 'b']))
    expect(owners(choose, twice.slice(2), ['key'])).toEqual(['b'])
    expect(new Set(owners(choose, twice.slice(0, 2), keys))).toEqual(new Set(['a']))
  })

  test.each([
    [{ pointsPerWeight: 0 }, /Option ring\.pointsPerWeight is 0: give a whole number from 1 to 65536/],
    [{ pointsPerWeight: 1.5 }, /Option ring\.pointsPerWeight is 1.5/],
    [{ ketama: 'yes' }, /Option ring\.ketama is "yes": give true or false/],
    [{ ketama: true, pointsPerWeight: 100 }, /pointsPerWeight is given with ketama: leave it out/],
    [{ points: 100 }, /There is no option "ring.points"/],
    [null, /give an object/],
  ])('refuses %j', (options, message) => {
    expect(() => ring(options as never)).toThrow(message)
  })
})

function lastPoint(points: HashRing): number {
  let [low, high] = [-(2 ** 31), 2 ** 31 - 1]
  const least = points.pointAt(low)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (points.pointAt(middle) === least && middle > least) high = middle
    else low = middle + 1
  }
  return low - 1
}

/** Owner and point of every 4096th part of the circle. */
function walk(points: HashRing): number[] {
  return Array.from({ length: 4096 }, (_, i) => i * 2 ** 20 - 2 ** 31).flatMap((hash) => [
    points.placeOf(hash),
    points.pointAt(hash),
  ])
}
