import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Latencies } from '../../src/failover/latencies.js'

test('says nothing before 20 samples', () => {
  const latencies = new Latencies()
  for (let i = 0; i < 19; i++) latencies.record(10, 0)
  expect(latencies.p95(0)).toBeUndefined()
  latencies.record(10, 0)
  expect(latencies.p95(0)).toBeGreaterThanOrEqual(10)
})

test('is at most 9.1 % above the 95th percentile, and not below', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 100_000, noNaN: true }), { minLength: 20 }),
      (samples) => {
        const latencies = new Latencies()
        for (const ms of samples) latencies.record(ms, 0)
        const exact = samples.toSorted((a, b) => a - b)[Math.ceil(0.95 * samples.length) - 1]!
        expect(latencies.p95(0)! / exact).toBeGreaterThan(0.999)
        expect(latencies.p95(0)! / exact).toBeLessThan(1.091)
      },
    ),
  )
})

test('takes what is beyond its buckets into the outermost', () => {
  const latencies = new Latencies()
  for (let i = 0; i < 20; i++) latencies.record(0, 0)
  expect(latencies.p95(0)).toBeLessThan(0.1)
  for (let i = 0; i < 400; i++) latencies.record(1e9, 0)
  expect(latencies.p95(0)).toBe(131_072)
})

test('forgets after two windows of 30 s', () => {
  const latencies = new Latencies()
  for (let i = 0; i < 100; i++) latencies.record(1_000, 0)
  for (let i = 0; i < 100; i++) latencies.record(10, 31_000)
  expect(latencies.p95(31_000)).toBeGreaterThan(900)
  expect(latencies.p95(60_000)).toBeLessThan(12)
  expect(latencies.p95(90_000)).toBeUndefined()
  for (let i = 0; i < 100; i++) latencies.record(5, 1e9)
  expect(latencies.p95(1e9)).toBeLessThan(6)
})

test('is looked at anew every 32 samples', () => {
  const latencies = new Latencies()
  for (let i = 0; i < 40; i++) latencies.record(10, 0)
  const before = latencies.p95(0)
  for (let i = 0; i < 31; i++) latencies.record(100, 0)
  expect(latencies.p95(0)).toBe(before)
  latencies.record(100, 0)
  expect(latencies.p95(0)).toBeGreaterThanOrEqual(100)
})
