import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zoneLoads, zoneShares } from '../../../src/selection/tiers/zone-load.js'
import { sum } from './helpers.js'

type Zones = Readonly<Record<string, number>>

function loads(own: string, capacity: Zones, callers: Zones): Record<string, number> {
  return Object.fromEntries(zoneLoads(own, mapOf(capacity), mapOf(callers)))
}

function mapOf(zones: Zones): Map<string, number> {
  return new Map(Object.entries(zones))
}

/** The same figures, but for floating point. */
function near(zones: Zones): Record<string, unknown> {
  return Object.fromEntries(Object.entries(zones).map(([zone, load]) => [zone, expect.closeTo(load, 9)]))
}

describe("Envoy's numbers", () => {
  test('20 % of the callers over 10 % of the capacity: half stays', () => {
    expect(loads('a', { a: 10, b: 90 }, { a: 20, b: 80 })).toEqual(near({ a: 0.5, b: 0.5 }))
  })

  test('callers 40 40 20, capacity 25 50 25: the surplus leaves 2 to 1', () => {
    const [capacity, callers] = [
      { a: 25, b: 50, c: 25 },
      { a: 40, b: 40, c: 20 },
    ]
    expect(loads('a', capacity, callers)).toEqual(near({ a: 0.625, b: 0.25, c: 0.125 }))
    expect(loads('b', capacity, callers)).toEqual(near({ a: 0, b: 1, c: 0 }))
    expect(loads('c', capacity, callers)).toEqual(near({ a: 0, b: 0, c: 1 }))
  })

  test('callers in two of three equal zones: two thirds stay, a third goes to the third', () => {
    const capacity = { a: 2, b: 2, c: 2 }
    expect(loads('a', capacity, { a: 1, b: 1 })).toEqual(near({ a: 2 / 3, b: 0, c: 1 / 3 }))
    expect(loads('b', capacity, { a: 1, b: 1 })).toEqual(near({ a: 0, b: 2 / 3, c: 1 / 3 }))
  })

  test('a zone with enough keeps all', () => {
    expect(loads('a', { a: 3, b: 3 }, { a: 1, b: 1 })).toEqual({ a: 1, b: 0 })
    expect(loads('a', { a: 5, b: 3 }, { a: 1, b: 1 })).toEqual({ a: 1, b: 0 })
  })
})

describe('at the edges', () => {
  test('nothing in the own zone: all of it leaves', () => {
    expect(loads('a', { b: 3, c: 1 }, { a: 1, b: 1 })).toEqual(near({ b: 0.5, c: 0.5 }))
    expect(loads('a', { a: 0, b: 3 }, { a: 1 })).toEqual(near({ a: 0, b: 1 }))
  })

  test('nobody known in the own zone: by capacity', () => {
    expect(loads('a', { a: 1, b: 3 }, { b: 4 })).toEqual({ a: 0.25, b: 0.75 })
    expect(loads('a', { a: 1, b: 3 }, {})).toEqual({ a: 0.25, b: 0.75 })
    expect(loads('a', { a: 1, b: 3 }, { a: 0, b: 0 })).toEqual({ a: 0.25, b: 0.75 })
  })

  test('no capacity anywhere: all zones count as equal', () => {
    expect(loads('a', { a: 0, b: 0 }, { b: 1 })).toEqual({ a: 0.5, b: 0.5 })
    expect(loads('a', {}, { a: 1 })).toEqual({})
  })

  test('minEndpoints: with fewer, callers are not looked at', () => {
    const at = (minEndpoints: number): unknown =>
      Object.fromEntries(
        zoneShares(mapOf({ a: 2, b: 3 }), { own: 'a', callers: mapOf({ a: 1, b: 9 }), minEndpoints }),
      )
    expect(at(5)).toEqual({ a: 1, b: 0 })
    expect(at(6)).toEqual({ a: 0.4, b: 0.6 })
  })
})

describe('properties', () => {
  const zones = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', ''), fc.nat(20), { minKeys: 1 })

  test('shares add up to 1, and none is negative', () => {
    fc.assert(
      fc.property(zones, zones, fc.constantFrom('a', 'b', 'z'), (capacity, callers, own) => {
        const shares = Object.values(loads(own, capacity, callers))
        expect(sum(shares)).toBeCloseTo(1, 9)
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('over all callers, every zone gets its share by capacity', () => {
    fc.assert(
      fc.property(zones, zones, (capacity, callers) => {
        const all = sum(Object.values(callers))
        const room = sum(Object.values(capacity))
        fc.pre(all > 0 && room > 0)
        for (const zone of Object.keys(capacity)) {
          const got = Object.entries(callers).map(
            ([own, count]) => (count / all) * loads(own, capacity, callers)[zone]!,
          )
          expect(sum(got)).toBeCloseTo(capacity[zone]! / room, 9)
        }
      }),
    )
  })

  test('as much as possible stays: all, or all that the own zone can take', () => {
    fc.assert(
      fc.property(zones, zones, (capacity, callers) => {
        fc.pre((callers['a'] ?? 0) > 0 && (capacity['a'] ?? 0) > 0)
        const share = capacity['a']! / sum(Object.values(capacity))
        const asked = callers['a']! / sum(Object.values(callers))
        expect(loads('a', capacity, callers)['a']).toBeCloseTo(Math.min(1, share / asked), 9)
      }),
    )
  })
})
