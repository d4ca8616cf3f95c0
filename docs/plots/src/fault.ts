import type { Bucket, Simulation } from '@rollcall/testing'
import type { Chart } from './chart.js'
import {
  attemptsPerCall,
  balancers,
  ms,
  percent,
  seconds,
  variants,
  type Figure,
  type Run,
} from './figure.js'

/** A line for each run, a point for each bucket of its timeline, at the bucket's middle. */
function timeChart(
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
function worst(
  { timeline }: Run['result'],
  from: number,
  to: number,
  value: (bucket: Bucket) => number,
): number {
  return Math.max(...timeline.filter(({ atMs }) => atMs >= from && atMs < to).map(value))
}

function total(
  { timeline }: Run['result'],
  from: number,
  to: number,
  value: (bucket: Bucket) => number,
): number {
  return timeline
    .filter(({ atMs }) => atMs >= from && atMs < to)
    .reduce((sum, bucket) => sum + value(bucket), 0)
}

const p99 = ({ p99Ms }: Bucket): number => p99Ms

/** One of five takes half a second longer for a while. */
export const slowServer: Figure = {
  name: 'slow-server',
  async make() {
    const runs = await variants(
      {
        servers: [{ count: 5, latency: { kind: 'lognormal', medianMs: 20, p99Ms: 60 } }],
        rate: 400,
        durationMs: 30_000,
        bucketMs: 1_000,
        faults: [{ atMs: 10_000, forMs: 10_000, server: 's1', kind: 'slow', ms: 500 }],
      },
      balancers('round-robin', 'least-request', 'peak-ewma'),
    )
    const rows = runs.map(({ label, result }) => [
      `\`${label}\``,
      ms(worst(result, 0, 10_000, p99)),
      ms(worst(result, 11_000, 20_000, p99)),
      percent(
        total(result, 10_000, 20_000, ({ attempts }) => attempts['s1'] ?? 0) /
          total(result, 10_000, 20_000, ({ made }) => made),
      ),
    ])
    const axes = {
      x: { label: 'time', ticks: seconds(30, 5) },
      y: { label: '99 % of the calls take at most so many milliseconds', log: true },
    }
    const span = { from: 10, to: 20, label: 'one is slow' }
    return {
      chart: timeChart(
        { title: 'One slow server', note: '5 servers of 20 ms; one takes 500 ms more', ...axes, span },
        runs,
        p99,
      ),
      table: [
        [
          'balancer',
          '99 % before, worst second',
          '99 % during, from the second second on',
          'calls to the slow one',
        ],
        ...rows,
      ],
    }
  },
}

/** One of five answers every fifth call with 503. */
export const errors: Figure = {
  name: 'errors',
  async make() {
    const idempotent = { idempotent: true } as const
    const runs = await variants(
      {
        servers: [{ count: 5, latency: { kind: 'lognormal', medianMs: 20, p99Ms: 60 } }],
        rate: 400,
        durationMs: 30_000,
        faults: [{ atMs: 0, server: 's1', kind: 'errors', share: 0.2 }],
      },
      {
        'failfast, nobody ejected': { service: { outlier: false }, call: { strategy: 'failfast' } },
        failfast: { call: { strategy: 'failfast' } },
        'failover, not idempotent': {},
        'failover, idempotent': { call: idempotent },
        'hedging, idempotent': { call: { ...idempotent, strategy: 'hedging' } },
      },
    )
    const rows = runs.map(({ label, result }) => [
      label,
      percent(result.failed / result.made),
      ms(result.latency.p99Ms),
      attemptsPerCall(result),
    ])
    return {
      chart: {
        kind: 'bars',
        title: 'Errors at 20 %',
        note: 'calls that failed; 5 servers, one of which answers 20 % of its calls with 503',
        unit: '%',
        bars: runs.map(({ label, result: { failed, made } }) => ({
          name: label,
          value: (100 * failed) / made,
        })),
      },
      table: [['strategy', 'calls that failed', '99 %', 'attempts per call'], ...rows],
    }
  },
}

/** A new one is slow until its caches are warm. */
export const slowStart: Figure = {
  name: 'slow-start',
  async make() {
    const { slowStart, weighted } = await import('@rollcall/core/balancers')
    const cold = { server: 's5', kind: 'slow' } as const
    const runs = await variants(
      {
        servers: [
          { count: 4, latency: { kind: 'lognormal', medianMs: 20, p99Ms: 60 }, workers: 8 },
          { latency: { kind: 'lognormal', medianMs: 20, p99Ms: 60 }, workers: 8, joinsAtMs: 10_000 },
        ],
        rate: 400,
        durationMs: 30_000,
        bucketMs: 1_000,
        faults: [
          { ...cold, atMs: 10_000, forMs: 4_000, ms: 120 },
          { ...cold, atMs: 14_000, forMs: 4_000, ms: 40 },
        ],
      },
      {
        weighted: { service: { balancer: 'weighted' } },
        'weighted, slow start of 15 s': {
          service: { balancer: slowStart(weighted(), { windowMs: 15_000 }) },
        },
      },
    )
    const rows = runs.map(({ label, result }) => [
      label,
      ms(worst(result, 0, 10_000, p99)),
      ms(worst(result, 10_000, 20_000, p99)),
      percent(
        total(result, 10_000, 14_000, ({ attempts }) => attempts['s5'] ?? 0) /
          total(result, 10_000, 14_000, ({ made }) => made),
      ),
    ])
    const axes = {
      x: { label: 'time', ticks: seconds(30, 5) },
      y: { label: '99 % of the calls take at most so many milliseconds', log: true },
    }
    return {
      chart: timeChart(
        {
          title: 'A cold server joins',
          note: 'a fifth server, of 8 workers: 140 ms a call for 4 s, 60 ms for another 4 s, then 20 ms',
          ...axes,
          span: { from: 10, to: 18, label: 'it is cold' },
        },
        runs,
        p99,
      ),
      table: [
        [
          'balancer',
          '99 % before, worst second',
          '99 % while it warms up, worst second',
          'calls to it in its first 4 s',
        ],
        ...rows,
      ],
    }
  },
}

/** Two of a zone's three fail. */
export const zones: Figure = {
  name: 'zones',
  async make() {
    const latency = { kind: 'lognormal', medianMs: 20, p99Ms: 60 } as const
    const common: Simulation = {
      servers: [
        { id: 'a', count: 3, latency, zone: 'a', workers: 8 },
        { id: 'b', count: 3, latency, zone: 'b', workers: 8 },
      ],
      callers: [
        { count: 2, zone: 'a' },
        { count: 2, zone: 'b' },
      ],
      crossZoneMs: 10,
      rate: 600,
      durationMs: 50_000,
      bucketMs: 1_000,
      call: { idempotent: true },
      faults: [{ atMs: 10_000, forMs: 10_000, server: ['a-1', 'a-2'], kind: 'errors', ms: 1 }],
    }
    const runs = await variants(common, {
      'zones ignored': {},
      'own zone first': { service: ({ zone = '' }) => ({ locality: { zone } }) },
    })
    const away = ({ crossZone, attempts }: Bucket): number =>
      (100 * crossZone) / Object.values(attempts).reduce((sum, count) => sum + count, 0)
    const rows = runs.map(({ label, result }) => [
      label,
      percent(worst(result, 0, 10_000, away) / 100),
      percent(worst(result, 11_000, 20_000, away) / 100),
      ms(worst(result, 0, 10_000, p99)),
      ms(worst(result, 11_000, 20_000, p99)),
      String(result.failed),
    ])
    return {
      chart: timeChart(
        {
          title: 'Zones, and what spills over',
          note: '2 zones of 3 servers, half of the callers in each, 10 ms from one to the other',
          x: { label: 'time', ticks: seconds(50, 10) },
          y: { label: 'calls that leave their zone, in %' },
          span: { from: 10, to: 20, label: '2 of 3 in one zone answer 503' },
        },
        runs,
        away,
      ),
      table: [['', 'leave their zone before', 'and then', '99 % before', 'and then', 'failed'], ...rows],
    }
  },
}
