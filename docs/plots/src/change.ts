import type { Bucket, Simulation } from '@rollcall/testing'
import { ms, percent, seconds, variants, type Figure } from './figure.js'
import { p99, timeChart, total, worst } from './timeline.js'

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

/** Two of a zone's three die. */
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
      faults: [{ atMs: 10_000, forMs: 10_000, server: ['a-1', 'a-2'], kind: 'dead' }],
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
          span: { from: 10, to: 20, label: '2 of one zone dead' },
        },
        runs,
        away,
      ),
      table: [['', 'leave their zone before', 'and then', '99 % before', 'and then', 'failed'], ...rows],
    }
  },
}
