import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maglevTable } from '../../../src/selection/balancers/maglev-table.js'
import { maglev } from '../../../src/selection/balancers/maglev.js'
import {
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

function entries(weights: readonly number[], size = 65_537): number[] {
  const ids = weights.map((_, i) => `i${i}`)
  const counts = countsOf([...maglevTable({ ids, weights: Uint16Array.from(weights) }, size)])
  return weights.map((_, i) => counts.get(i) ?? 0)
}

/** The share of all entries that change hands though their holder stays. */
function needlesslyMoved(n: number, gone: number): number {
  const ids = Array.from({ length: n }, (_, i) => `i${i}`)
  const left = ids.filter((_, i) => i !== gone)
  const weights = new Uint16Array(n).fill(1)
  const before = maglevTable({ ids, weights }, 65_537)
  const after = maglevTable({ ids: left, weights: weights.slice(1) }, 65_537)
  const moved = before.filter((holder, entry) => holder !== gone && ids[holder] !== left[after[entry]!])
  return moved.length / before.length
}

describe('maglev', () => {
  test('gives these keys to these instances, in every version and process', () => {
    // A change here moves all keys of all users: it needs a major version.
    expect(owners(chooserOf(maglev()), endpoints([1, 2, 3, 4]), keysOf(16)).join(' ')).toBe(
      'i3 i3 i3 i1 i2 i2 i0 i3 i3 i1 i2 i3 i2 i3 i1 i0',
    )
  })

  test('holds the entries that Envoy’s does', () => {
    expect(entries([1, 2])).toEqual([21_846, 43_691])
    expect(entries([1, 1])).toEqual([32_769, 32_768])
    expect(entries([1, 1, 1]).toSorted()).toEqual([21_845, 21_846, 21_846])
  })

  test('honours any weights within an entry or two, and leaves nobody out', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(weights, (given) => {
        const total = given.reduce((sum, weight) => sum + weight, 0)
        const held = entries(given, 4099)
        expect(held.reduce((sum, count) => sum + count, 0)).toBe(4099)
        held.forEach((count, i) => {
          expect(count).toBeGreaterThan(0)
          // Everybody has a turn in the first round already: that is one more for each, at the cost of all.
          expect(Math.abs(count - (4099 * given[i]!) / total)).toBeLessThan(2 + given.length * 1)
        })
      }),
      { numRuns: 50 },
    )
  })

  test('keeps 250 candidates within 1 % of each other', () => {
    const seen = [...countsOf(entries(Array.from({ length: 250 }, () => 1))).keys()]
    expect(Math.max(...seen) - Math.min(...seen)).toBeLessThanOrEqual(1)
  })

  test.each([10, 100, 1000])('moves less than 0.6 %% of all keys needlessly when one of %d leaves', (n) => {
    const leaving = [0.1, 0.3, 0.6, 0.9].map((part) => Math.floor(part * n))
    const needless = leaving.map((gone) => needlesslyMoved(n, gone))
    expect(needless.reduce((sum, share) => sum + share, 0) / leaving.length).toBeLessThan(0.006)
  })

  test('a set that returns to what it was has its keys where they were', () => {
    const choose = chooserOf(maglev())
    const all = equals(10)
    const before = owners(choose, all, keys)
    owners(choose, all.slice(1), keys)
    expect(owners(choose, all, keys)).toEqual(before)
  })

  test('maps alike whatever the order', () => {
    fc.assert(
      fc.property(setsWithOne(fc.integer({ min: 0, max: 9 })), ([all]) => {
        const plan = maglev({ size: 251 })
        expect(owners(chooserOf(plan), turned(all), keys)).toEqual(owners(chooserOf(plan), all, keys))
      }),
    )
  })

  test('follows places, weights and ids that change', () => {
    const choose = chooserOf(maglev({ size: 251 }))
    const [a, b] = [endpoint('a'), endpoint('b')]
    const before = owners(choose, [a, b], keys)
    expect(owners(choose, [b, a], keys)).toEqual(before)
    expect(owners(choose, [a, endpoint('b', { incarnation: 'two' })], keys)).toEqual(before)
    expect(countsOf(owners(choose, [a, endpoint('b', { weight: 9 })], keys)).get('b')).toBeGreaterThan(240)
    expect(owners(choose, [a, endpoint('c')], keys)).toContain('c')
    expect(owners(choose, [a, b], keys)).toEqual(before)
  })

  test('size is how many entries there are', () => {
    const { noted } = reasons(chooserOf(maglev({ size: 251 })), equals(2), 'alice')
    expect(noted[0]!.because).toBe("it holds the key's entry of 251")
    expect(owners(chooserOf(maglev({ size: 251 })), equals(9), keys)).not.toEqual(
      owners(chooserOf(maglev()), equals(9), keys),
    )
  })

  test('holds more than 65,535 candidates too', () => {
    const choose = chooserOf(maglev({ size: 131_071 }))
    const all = equals(66_000)
    expect(countsOf(owners(choose, all, keys)).size).toBeGreaterThan(290)
  })

  test('one candidate has all keys; without a key it chooses at random', () => {
    expect(new Set(owners(chooserOf(maglev()), equals(1), keys))).toEqual(new Set(['i0']))
    const choose = chooserOf(maglev())
    const all = endpoints([1, 9])
    const light = Array.from({ length: 2000 }, () => choose(all, undefined)).filter((place) => place === 0)
    expect(Math.abs(light.length - 1000)).toBeLessThan(120)
    expect(reasons(choose, all).noted[0]!.because).toBe('no key was given: drawn at random')
  })

  test('more candidates than entries are refused, and it recovers', () => {
    const choose = chooserOf(maglev({ size: 7 }))
    const fix =
      /Option maglev\.size is 7, fewer than the 9 candidates: give a prime of at least 11, better 100 times that/
    const many = equals(9)
    expect(() => choose(many, 'key')).toThrow(fix)
    expect(() => choose(many, 'key')).toThrow(fix)
    expect(equals(7)[choose(equals(7), 'key')]).toBeDefined()
  })

  test.each([
    [{ size: 65_536 }, /Option maglev\.size is 65536, not a prime: give 65537/],
    [{ size: 1 }, /Option maglev\.size is 1: give a whole number from 2 to 5000011/],
    [{ size: 5_000_012 }, /Option maglev\.size is 5000012/],
    [{ size: '7' }, /Option maglev\.size is "7"/],
    [{ tableSize: 7 }, /There is no option "maglev.tableSize"/],
  ])('refuses %j', (options, message) => {
    expect(() => maglev(options as never)).toThrow(message)
  })
})
