import { describe, expect, it } from 'vitest'
import { simulate } from '@rollcall/testing'

const good = { servers: [{ latency: 10 }], rate: 100, durationMs: 1_000 }
const fault = { atMs: 0, server: 's1', kind: 'slow', ms: 1 }

const bad: [title: string, change: object, message: RegExp][] = [
  ['no servers', { servers: [] }, /^Option servers is an empty array: /],
  ['no list of servers', { servers: 3 }, /^Option servers is 3: /],
  ['a server without a latency', { servers: [{}] }, /^Option servers\[0\]\.latency is undefined: /],
  [
    'a negative latency',
    { servers: [{ latency: -1 }] },
    /servers\[0\]\.latency is -1: give a number of 0 or more/,
  ],
  [
    'an unknown distribution',
    { servers: [{ latency: { kind: 'pareto' } }] },
    /latency\.kind is "pareto": give one of/,
  ],
  [
    'a tail below its median',
    { servers: [{ latency: { kind: 'lognormal', medianMs: 9, p99Ms: 3 } }] },
    /p99Ms is 3: /,
  ],
  [
    'a field that nobody knows',
    { servers: [{ latency: 1, wieght: 2 }] },
    /no option servers\[0\]\.wieght\. Known/,
  ],
  [
    'half a worker',
    { servers: [{ latency: 1, workers: 0.5 }] },
    /servers\[0\]\.workers is 0\.5: give a whole number/,
  ],
  [
    'a weight beyond the limit',
    { servers: [{ latency: 1, weight: 70_000 }] },
    /weight is 70000: give a whole number/,
  ],
  [
    'one id twice',
    {
      servers: [
        { id: 'a', latency: 1 },
        { id: 'a', latency: 1 },
      ],
    },
    /two with the id "a"/,
  ],
  ['leaving before joining', { servers: [{ latency: 1, joinsAtMs: 9, leavesAtMs: 5 }] }, /leavesAtMs is 5: /],
  ['no rate', { rate: 0 }, /^Option rate is 0: /],
  ['far too many calls', { rate: 1e12 }, /^Option rate makes 1000000000000 calls: make at most/],
  ['no end', { durationMs: Infinity }, /^Option durationMs is Infinity: /],
  ['nobody who calls', { callers: 0 }, /^Option callers is 0: /],
  ['other arrivals', { arrivals: 'bursts' }, /^Option arrivals is "bursts": give poisson or steady/],
  ['a seed between', { seed: 1.5 }, /^Option seed is 1\.5: /],
  [
    'keys without a kind',
    { keys: { count: 5 } },
    /^Option keys\.kind is undefined: give one of uniform, zipf/,
  ],
  ['no keys', { keys: { kind: 'uniform', count: 0 } }, /^Option keys\.count is 0: /],
  [
    'a fault of nobody',
    { faults: [{ ...fault, server: 's9' }] },
    /faults\[0\]\.server is "s9": give one of s1/,
  ],
  [
    'a fault of no known kind',
    { faults: [{ ...fault, kind: 'sulking' }] },
    /faults\[0\]\.kind is "sulking": give/,
  ],
  ['a fault without a time', { faults: [{ ...fault, atMs: undefined }] }, /faults\[0\]\.atMs is undefined: /],
  [
    'a share above 1',
    { faults: [{ atMs: 0, server: 's1', kind: 'errors', share: 20 }] },
    /share is 20: give a number from/,
  ],
  ['a fault with a field of another', { faults: [{ ...fault, share: 1 }] }, /no option faults\[0\]\.share/],
  ['what simulate does not know', { balancer: 'random' }, /no option balancer\. Known here: servers/],
  ['what service does not know', { service: { balancr: 'random' } }, /no option "balancr"/],
  ['a balancer that nobody knows', { service: { balancer: 'fair' } }, /^Option balancer is "fair"/],
  ['what call does not know', { call: { idempotnt: true } }, /no option "idempotnt"/],
  ['a latency function that gives none', { servers: [{ latency: () => Number.NaN }] }, /latency\(\) is NaN/],
]

describe('simulate refuses', () => {
  it.each(bad)('%s', async (_, change, message) => {
    await expect(simulate({ ...good, ...change })).rejects.toThrow(message)
  })

  it('a balancer that chooses nobody', async () => {
    const service = { balancer: () => undefined }
    await expect(simulate({ ...good, service })).rejects.toMatchObject({ code: 'BAD_BALANCER' })
  })

  it('what is no object', async () => {
    await expect(simulate(undefined as never)).rejects.toThrow(/is undefined: give an object/)
  })
})
