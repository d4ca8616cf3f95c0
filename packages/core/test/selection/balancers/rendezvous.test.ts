import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rendezvous } from '../../../src/selection/balancers/rendezvous.js'
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
const anyWeight = fc.integer({ min: 1, max: 65_535 })

describe('rendezvous', () => {
  test('gives these keys to these instances, in every version and process', () => {
    // A change here moves all keys of all users: it needs a major version.
    const choose = chooserOf(rendezvous())
    expect(owners(choose, equals(4), keysOf(16)).join(' ')).toBe(
      'i1 i3 i2 i2 i0 i2 i2 i3 i3 i0 i2 i0 i2 i1 i3 i3',
    )
    expect(owners(choose, endpoints([1, 2, 3, 4]), keysOf(16)).join(' ')).toBe(
      'i1 i3 i3 i2 i2 i2 i2 i3 i3 i2 i2 i3 i2 i1 i3 i3',
    )
  })

  test('whoever leaves gives up its own keys and nobody else’s, whoever joins takes only its own', () => {
    fc.assert(
      fc.property(setsWithOne(anyWeight), ([all, one]) => {
        const choose = chooserOf(rendezvous())
        const before = owners(choose, all, keys)
        const others = all.filter((endpoint) => endpoint !== one)
        const without = owners(choose, others, keys)
        expect(astray(before, without, one.instance.id)).toEqual([])
        expect(owners(choose, [...others, one], keys)).toEqual(before)
      }),
    )
  })

  test('whoever gains weight only gains keys, and from everybody alike', () => {
    const choose = chooserOf(rendezvous())
    const before = owners(choose, endpoints([5, 5, 5, 5]), keys)
    const after = owners(choose, endpoints([5, 9, 5, 5]), keys)
    before.forEach((id, i) => expect([id, 'i1']).toContain(after[i]))
    const losers = countsOf(before.filter((id, i) => after[i] !== id))
    expect([...losers.keys()].toSorted()).toEqual(['i0', 'i2', 'i3'])
  })

  test('maps alike whatever the order', () => {
    fc.assert(
      fc.property(setsWithOne(fc.integer({ min: 0, max: 9 })), ([all]) => {
        expect(owners(chooserOf(rendezvous()), turned(all), keys)).toEqual(
          owners(chooserOf(rendezvous()), all, keys),
        )
      }),
    )
  })

  test('the weighted score, without its shortcut, is the textbook’s', () => {
    const all = endpoints(Array.from({ length: 50 }, (_, i) => 1 + ((i * 7919) % 400)))
    const choose = chooserOf(rendezvous())
    for (const key of keys) {
      const { place, noted } = reasons(choose, all, key)
      expect(noted[0]!.considered![0]!.id).toBe(all[place]!.instance.id)
    }
  })

  test('keeps to the weights within 5 standard deviations', () => {
    const weights = [1, 2, 4, 8, 1, 100]
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const seen = countsOf(owners(chooserOf(rendezvous()), endpoints(weights), keysOf(40_000)))
    weights.forEach((weight, i) => {
      const p = weight / total
      expect(Math.abs(seen.get(`i${i}`)! - 40_000 * p)).toBeLessThan(5 * Math.sqrt(40_000 * p * (1 - p)))
    })
  })

  test('spreads the keys of equals within 5 standard deviations', () => {
    const seen = countsOf(owners(chooserOf(rendezvous()), equals(50), keysOf(50_000)))
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000))
  })

  test('gives two ids with the same hash their shares all the same', () => {
    // Found by trying 30,000: hash32(id, 1) is the same for both.
    const seen = countsOf(owners(chooserOf(rendezvous()), [endpoint('n10461'), endpoint('n25622')], keys))
    for (const count of seen.values()) expect(count).toBeGreaterThan(110)
  })

  test('one candidate has all keys; without a key it chooses at random', () => {
    expect(new Set(owners(chooserOf(rendezvous()), equals(1), keys))).toEqual(new Set(['i0']))
    const choose = chooserOf(rendezvous())
    const all = endpoints([1, 9])
    const light = Array.from({ length: 2000 }, () => choose(all, undefined)).filter((place) => place === 0)
    expect(Math.abs(light.length - 1000)).toBeLessThan(120)
    expect(reasons(choose, all).noted[0]!.because).toBe('no key was given: drawn at random')
  })

  test('names the best three when asked why', () => {
    const all = equals(5)
    const { place, noted } = reasons(chooserOf(rendezvous()), all, 'alice')
    expect(noted).toHaveLength(1)
    expect(noted[0]).toMatchObject({ balancer: 'rendezvous', because: 'its lot is the best' })
    const scores = noted[0]!.considered!.map((one) => one['score'] as number)
    expect(noted[0]!.considered!.map(({ id }) => id)[0]).toBe(all[place]!.instance.id)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(scores).toHaveLength(3)
  })
})
