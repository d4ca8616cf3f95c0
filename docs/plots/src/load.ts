import { attemptsPerCall, balancers, ms, percent, percentileChart, variants, type Figure } from './figure.js'

/** Everybody alike, and busy. */
export const evenLoad: Figure = {
  name: 'even-load',
  async make() {
    const runs = await variants(
      {
        servers: [{ count: 10, latency: { kind: 'lognormal', medianMs: 10, p99Ms: 200 }, workers: 4 }],
        callers: 4,
        rate: 1_400,
        durationMs: 15_000,
      },
      balancers('random', 'round-robin', 'least-request', 'peak-ewma'),
    )
    const note =
      '10 equal servers at 80 % of what they can do; half of the calls take 10 ms, 1 % more than 200 ms; 4 callers'
    const rows = runs.map(({ label, result: { latency, servers } }) => {
      const most = Math.max(...servers.map(({ maxInFlight }) => maxInFlight))
      return [`\`${label}\``, ms(latency.p50Ms), ms(latency.p99Ms), String(most)]
    })
    return {
      chart: percentileChart('Even load', note, runs),
      table: [['balancer', 'median', '99 %', 'most at one server at once'], ...rows],
    }
  },
}

/** Two can do four times as much as the other four. */
export const unequalServers: Figure = {
  name: 'unequal-servers',
  async make() {
    const latency = { kind: 'exponential', meanMs: 20 } as const
    const runs = await variants(
      {
        servers: [
          { id: 'small', count: 4, latency, workers: 2, weight: 1 },
          { id: 'big', count: 2, latency, workers: 8, weight: 4 },
        ],
        callers: 2,
        rate: 800,
        durationMs: 12_000,
      },
      balancers('round-robin', 'weighted-random', 'smooth-weighted', 'least-request', 'peak-ewma'),
    )
    const note = '4 servers of weight 1 and 2 of weight 4, at 67 % of what they can do together'
    const rows = runs.map(({ label, result: { latency, servers } }) => {
      const big = servers.filter(({ id }) => id.startsWith('big')).reduce((sum, { share }) => sum + share, 0)
      return [`\`${label}\``, ms(latency.p50Ms), ms(latency.p99Ms), percent(big)]
    })
    return {
      chart: percentileChart('Unequal servers', note, runs),
      table: [['balancer', 'median', '99 %', 'calls to the two big ones (two thirds by weight)'], ...rows],
    }
  },
}

/** A long tail, and what asking twice does about it. */
export const hedging: Figure = {
  name: 'hedging',
  async make() {
    const call = { idempotent: true } as const
    const runs = await variants(
      {
        servers: [{ count: 5, latency: { kind: 'lognormal', medianMs: 10, p99Ms: 200 } }],
        rate: 100,
        durationMs: 120_000,
      },
      {
        failover: { call },
        hedging: { call: { ...call, strategy: 'hedging' } },
        'hedging after 30 ms': { call: { ...call, strategy: 'hedging', hedgeAfterMs: 30 } },
        forking: { call: { ...call, strategy: 'forking' } },
      },
    )
    const note = '5 servers, half of the answers within 10 ms, 1 % later than 200 ms'
    const rows = runs.map(({ label, result }) => {
      const { p50Ms, p99Ms, p999Ms } = result.latency
      return [label, ms(p50Ms), ms(p99Ms), ms(p999Ms), attemptsPerCall(result)]
    })
    return {
      chart: percentileChart('A long tail, with hedging and without', note, runs),
      table: [['strategy', 'median', '99 %', '99.9 %', 'attempts per call'], ...rows],
    }
  },
}
