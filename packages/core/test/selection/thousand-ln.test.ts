import fc from 'fast-check'
import { expect, test } from 'vitest'
import { thousandLn } from '../../src/selection/thousand-ln.js'

const numbers = fc.double({ min: 1e-300, max: 1e300, noNaN: true })

test('is 1000 ln x to within 0.5', () => {
  fc.assert(
    fc.property(numbers, (x) => {
      expect(Math.abs(thousandLn(x) - 1000 * Math.log(x))).toBeLessThanOrEqual(0.5)
    }),
    { numRuns: 10_000 },
  )
  for (const x of [0.001, 0.5, 1, 2, 3, 60_000]) {
    expect(Math.abs(thousandLn(x) - 1000 * Math.log(x))).toBeLessThanOrEqual(0.5)
  }
})

test('is never less for a greater number', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      expect(thousandLn(Math.max(a, b))).toBeGreaterThanOrEqual(thousandLn(Math.min(a, b)))
    }),
  )
  for (let x = 1; x < 4; x += 0.0001) expect(thousandLn(x + 0.0001)).toBeGreaterThanOrEqual(thousandLn(x))
})
