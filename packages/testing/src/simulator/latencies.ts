import type { Latencies } from './simulation.js'

/** Mean, percentiles and maximum of milliseconds in any order. */
export function latenciesOf(tookMs: readonly number[]): Latencies {
  const sorted = Float64Array.from(tookMs).sort()
  const sum = sorted.reduce((sum, ms) => sum + ms, 0)
  const at = (share: number): number =>
    rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return {
    meanMs: rounded(sorted.length === 0 ? 0 : sum / sorted.length),
    p50Ms: at(0.5),
    p75Ms: at(0.75),
    p90Ms: at(0.9),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
  }
}

/** To so many places: sums of floating-point numbers would else show their last bits. */
export function rounded(value: number, places = 3): number {
  return Math.round(value * 10 ** places) / 10 ** places
}
