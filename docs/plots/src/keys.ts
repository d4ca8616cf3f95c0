import type { Balancer } from '@rollcall/core'
import { balancers, percent, variants, type Figure } from './figure.js'

/** What everybody writes first: the key's number modulo how many there are. */
const modulo: Balancer = (candidates, { key = '' }) => candidates[Number(key.slice(4)) % candidates.length]

/** One of ten leaves. */
export const leavingNode: Figure = {
  name: 'leaving-node',
  async make() {
    const runs = await variants(
      {
        servers: [
          { count: 9, latency: 5 },
          { latency: 5, leavesAtMs: 10_000 },
        ],
        keys: { kind: 'uniform', count: 1_000 },
        callers: 2,
        rate: 800,
        durationMs: 20_000,
      },
      {
        'key modulo servers': { service: { balancer: modulo } },
        ...balancers('ring', 'maglev', 'rendezvous'),
      },
    )
    const rows = runs.map(({ label, result: { keys, servers } }) => {
      const least = Math.min(...servers.slice(0, 9).map(({ share }) => share))
      const most = Math.max(...servers.slice(0, 9).map(({ share }) => share))
      const spread = `${percent(least)} to ${percent(most)}`
      return [label, percent(keys.moved / keys.seen), percent(keys.movedNeedlessly / keys.seen), spread]
    })
    return {
      chart: {
        kind: 'bars',
        title: 'A server leaves: keys that move',
        note: '1000 keys on 10 servers, one of which leaves',
        unit: '%',
        bars: runs.map(({ label, result: { keys } }) => ({
          name: label,
          value: (100 * keys.moved) / keys.seen,
        })),
        mark: { value: 10, label: 'its own tenth' },
      },
      table: [['balancer', 'keys moved', 'of servers that stayed', 'share of each that stayed'], ...rows],
    }
  },
}

/** Nearly every fourth call is for the same key. */
export const hotKey: Figure = {
  name: 'hot-key',
  async make() {
    const { boundedLoad, ring } = await import('@rollcall/core/balancers')
    const runs = await variants(
      {
        servers: [{ count: 10, latency: { kind: 'exponential', meanMs: 20 }, workers: 8 }],
        keys: { kind: 'zipf', count: 1_000, exponent: 1.2 },
        rate: 1_500,
        durationMs: 12_000,
      },
      {
        ...balancers('ring'),
        'ring, bounded load': { service: { balancer: boundedLoad(ring(), { factor: 1.25 }) } },
        ...balancers('least-request'),
      },
    )
    const rows = runs.map(({ label, result: { keys, latency, servers } }) => [
      label,
      percent(Math.max(...servers.map(({ share }) => share))),
      `${Math.round(latency.p99Ms)} ms`,
      percent(1 - keys.moved / keys.seen),
    ])
    return {
      chart: {
        kind: 'bars',
        title: 'A hot key: the busiest of ten servers',
        note: 'its share of the calls; 1000 keys, one of which is in nearly every fourth call',
        unit: '%',
        bars: runs.map(({ label, result: { servers } }) => ({
          name: label,
          value: 100 * Math.max(...servers.map(({ share }) => share)),
        })),
        mark: { value: 10, label: 'an even share' },
      },
      table: [['balancer', 'busiest server', '99 % of the calls', 'keys that stayed with one'], ...rows],
    }
  },
}
