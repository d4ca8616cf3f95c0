import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Endpoint } from '../../src/selection/endpoint.js'
import { averageAt, observe } from '../../src/selection/latency.js'
import type { Outcome } from '../../src/selection/outcome.js'
import { instance } from './helpers.js'

const decayMs = 10_000

/** An endpoint after observations: how long, when, and with which outcome. */
function after(
  ...observed: readonly (readonly [tookMs: number, now: number, outcome?: Outcome])[]
): Endpoint {
  const endpoint = new Endpoint(instance('a'))
  for (const [tookMs, now, outcome = 'ok'] of observed) observe(endpoint, tookMs, outcome, now, decayMs)
  return endpoint
}

describe('the average', () => {
  test('begins with the first round trip and takes a peak over at once', () => {
    expect(after([20, 5]).averageMs).toBe(20)
    expect(after([20, 5], [300, 6])).toMatchObject({ averageMs: 300, averagedAt: 6 })
  })

  test('falls the further the more time has passed: to 37 % of the way after decayMs', () => {
    expect(after([100, 0], [0.001, 10_000]).averageMs).toBeCloseTo(100 / Math.E, 2)
    expect(after([100, 0], [50, 10_000]).averageMs).toBeCloseTo(50 + 50 / Math.E)
    expect(after([100, 0], [50, 0]).averageMs).toBe(100)
  })

  test('decayMs says how fast', () => {
    const endpoint = new Endpoint(instance('a'))
    observe(endpoint, 100, 'ok', 0, 1000)
    observe(endpoint, 50, 'ok', 10_000, 1000)
    expect(endpoint.averageMs).toBeCloseTo(50, 2)
  })

  test('a failure is no fast answer: three times the average, a minute at most', () => {
    for (const outcome of ['failed', 'refused'] as const) {
      expect(after([20, 0], [1, 1, outcome]).averageMs).toBe(60)
      expect(after([30_000, 0], [1, 1, outcome]).averageMs).toBe(60_000)
      expect(after([20, 0], [100, 1, outcome]).averageMs).toBe(100)
    }
  })

  test('a first call that was cancelled at once tells nothing', () => {
    expect(after([0, 0, 'cancelled'])).toMatchObject({ averageMs: 0 })
    expect(after([0, 0, 'cancelled'], [20, 1])).toMatchObject({ averageMs: 20 })
    expect(after([10, 0, 'cancelled'])).toMatchObject({ averageMs: 10 })
  })

  test('a cancelled call may raise it, never lower it', () => {
    expect(after([20, 0], [1, 9999, 'cancelled'])).toMatchObject({ averageMs: 20, averagedAt: 0 })
    expect(after([20, 0], [500, 1, 'cancelled']).averageMs).toBe(500)
    expect(after([500, 1, 'cancelled']).averageMs).toBe(500)
  })

  test('a round trip of no time at all is one', () => {
    expect(after([0, 0]).averageMs).toBeGreaterThan(0)
  })

  test('fades while nothing is measured', () => {
    const endpoint = after([100, 500])
    expect(averageAt(endpoint, 500, decayMs)).toBe(100)
    expect(averageAt(endpoint, 10_500, decayMs)).toBeCloseTo(100 / Math.E)
    expect(averageAt(new Endpoint(instance('b')), 10_500, decayMs)).toBe(0)
  })
})

test('slowness orders endpoints as their faded averages do, at any time', () => {
  const history = fc.tuple(
    fc.double({ min: 0.1, max: 5000, noNaN: true }),
    fc.integer({ min: 0, max: 100_000 }),
  )
  fc.assert(
    fc.property(history, history, fc.integer({ min: 0, max: 100_000 }), (one, other, later) => {
      const [a, b] = [after(one), after(other)]
      const now = Math.max(a.averagedAt, b.averagedAt) + later
      const ratio = averageAt(a, now, decayMs) / averageAt(b, now, decayMs)
      expect(Math.abs(a.slowness - b.slowness - 1000 * Math.log(ratio))).toBeLessThan(2.01)
    }),
    { seed: 1 },
  )
})

test('slowness stays a small integer for months', () => {
  const { slowness } = after([60_000, 200 * 86_400_000])
  expect(Number.isInteger(slowness) && slowness < 2 ** 31).toBe(true)
})
