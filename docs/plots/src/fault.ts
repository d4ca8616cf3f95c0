import { attemptsPerCall, balancers, ms, percent, seconds, variants, type Figure } from './figure.js'
import { p99, timeChart, total, worst } from './timeline.js'

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

/** Who fails at once has few calls in flight, and short ones. */
export const failsFast: Figure = {
  name: 'fails-fast',
  async make() {
    const runs = await variants(
      {
        servers: [{ count: 5, latency: { kind: 'lognormal', medianMs: 20, p99Ms: 60 } }],
        rate: 400,
        durationMs: 20_000,
        call: { strategy: 'failfast' },
        faults: [{ atMs: 0, server: 's1', kind: 'errors', ms: 1 }],
      },
      {
        'round-robin, nobody ejected': { service: { balancer: 'round-robin', outlier: false } },
        'least-request, nobody ejected': { service: { balancer: 'least-request', outlier: false } },
        'peak-ewma, nobody ejected': { service: { balancer: 'peak-ewma', outlier: false } },
        ...balancers('least-request', 'peak-ewma'),
      },
    )
    const rows = runs.map(({ label, result }) => [
      label,
      percent(result.servers[0]!.share),
      percent(result.failed / result.made),
    ])
    return {
      chart: {
        kind: 'bars',
        title: 'A server that fails at once',
        note: 'its share of the calls; 5 servers of 20 ms, one answers 503 after 1 ms',
        unit: '%',
        bars: runs.map(({ label, result }) => ({ name: label, value: 100 * result.servers[0]!.share })),
        mark: { value: 20, label: 'an even share' },
      },
      table: [['balancer', 'calls to it', 'calls that failed'], ...rows],
    }
  },
}
