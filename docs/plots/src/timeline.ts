import type { Bucket } from '@rollcall/testing'
import type { Chart } from './chart.js'
import type { Run } from './figure.js'

/** A line for each run, a point for each bucket of its timeline, at the bucket's middle. */
export function timeChart(
  chart: Omit<Extract<Chart, { kind: 'lines' }>, 'kind' | 'series'>,
  runs: readonly Run[],
  value: (bucket: Bucket) => number,
): Chart {
  const series = runs.map(({ label, result: { timeline } }) => {
    const half = (timeline[1]!.atMs - timeline[0]!.atMs) / 2
    return {
      name: label,
      points: timeline.map((bucket) => [(bucket.atMs + half) / 1000, value(bucket)] as const),
    }
  })
  return { kind: 'lines', ...chart, series }
}

/** The highest of the buckets between two times. */
export function worst(
  { timeline }: Run['result'],
  from: number,
  to: number,
  value: (bucket: Bucket) => number,
): number {
  return Math.max(...timeline.filter(({ atMs }) => atMs >= from && atMs < to).map(value))
}

export function total(
  { timeline }: Run['result'],
  from: number,
  to: number,
  value: (bucket: Bucket) => number,
): number {
  return timeline
    .filter(({ atMs }) => atMs >= from && atMs < to)
    .reduce((sum, bucket) => sum + value(bucket), 0)
}

export const p99 = ({ p99Ms }: Bucket): number => p99Ms
