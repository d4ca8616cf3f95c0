import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fraction, xorshift32 } from '../../../src/random.js'
import { Lot, second } from '../../../src/selection/balancers/draw.js'
import { fits } from './helpers.js'

const most = 1 - 2 ** -32

test('a second is always another one, and one of them', () => {
  const size = fc.integer({ min: 2, max: 100_000 })
  const chance = fc.oneof(fc.constant(0), fc.constant(most), fc.double({ min: 0, max: most, noNaN: true }))
  fc.assert(
    fc.property(size, chance, (n, u) => {
      const spot = u * n
      const first = Math.floor(spot)
      const other = second(spot, first, n)
      expect(Number.isInteger(other)).toBe(true)
      expect(other).not.toBe(first)
      expect(other).toBeGreaterThanOrEqual(0)
      expect(other).toBeLessThan(n)
    }),
    { seed: 1 },
  )
})

test('all pairs are equally likely', () => {
  const random = xorshift32(3)
  const seen = new Map<string, number>()
  const draws = 120_000
  for (let i = 0; i < draws; i++) {
    const spot = fraction(random) * 5
    const first = Math.floor(spot)
    const pair = `${first} ${second(spot, first, 5)}`
    seen.set(pair, (seen.get(pair) ?? 0) + 1)
  }
  expect(seen.size).toBe(20)
  for (const count of seen.values()) expect(fits(count, draws, 1 / 20)).toBe(true)
})

test('a lot draws distinct places, all equally likely, without drawing twice', () => {
  let draws = 0
  const random = xorshift32(5)
  const lot = new Lot(() => (draws++, random()), 8)
  const seen = Array.from({ length: 8 }, () => 0)
  for (let i = 0; i < 4_000; i++) {
    const drawn = [lot.draw(0), lot.draw(1), lot.draw(2)]
    expect(new Set(drawn).size).toBe(3)
    expect([...lot.drawn(3)]).toEqual(drawn)
    for (const place of drawn) seen[place]!++
  }
  expect(draws).toBe(12_000)
  for (const count of seen) expect(fits(count, 12_000, 1 / 8)).toBe(true)
})
