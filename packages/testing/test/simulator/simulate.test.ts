import { describe, expect, it } from 'vitest'
import { simulate, type Simulation } from '@rollcall/testing'

const usual: Simulation = {
  servers: [{ count: 3, latency: 10 }],
  rate: 100,
  durationMs: 4_000,
  service: { balancer: 'random' },
}

describe('simulate', () => {
  it('gives the same for the same seed, byte for byte, and other calls for another', async () => {
    const latency = { kind: 'lognormal', medianMs: 20, p99Ms: 90 } as const
    const simulation = { ...usual, servers: [{ count: 3, latency, workers: 2 }], callers: 3 }
    const one = JSON.stringify(await simulate({ ...simulation, seed: 7 }))
    expect(JSON.stringify(await simulate({ ...simulation, seed: 7 }))).toBe(one)
    expect(JSON.stringify(await simulate({ ...simulation, seed: 8 }))).not.toBe(one)
  })

  it('meets the same calls whatever chooses among the servers', async () => {
    const random = await simulate(usual)
    const turns = await simulate({ ...usual, service: { balancer: 'round-robin' } })
    expect(turns.timeline.map(({ made }) => made)).toEqual(random.timeline.map(({ made }) => made))
    expect(turns.servers).not.toEqual(random.servers)
  })

  it('counts what came of it', async () => {
    const { made, failed, attempts, latency, servers } = await simulate({
      ...usual,
      arrivals: 'steady',
      service: { balancer: 'round-robin' },
    })
    expect({ made, failed, attempts }).toEqual({ made: 399, failed: 0, attempts: 399 })
    expect(latency).toMatchObject({ meanMs: 10, p50Ms: 10, p99Ms: 10, maxMs: 10 })
    expect(servers.map(({ attempts, ok, maxInFlight }) => [attempts, ok, maxInFlight])).toEqual([
      [133, 133, 1],
      [133, 133, 1],
      [133, 133, 1],
    ])
  })

  it('makes calls at random times at the rate asked for, open or not', async () => {
    const { made, servers } = await simulate({ ...usual, servers: [{ latency: 1_000 }], durationMs: 20_000 })
    expect(made).toBeGreaterThan(1_850)
    expect(made).toBeLessThan(2_150)
    expect(servers[0]!.maxInFlight).toBeGreaterThan(100)
  })

  it('leaves the warm-up out', async () => {
    const { made, attempts, timeline } = await simulate({
      ...usual,
      arrivals: 'steady',
      warmUpMs: 2_000,
      bucketMs: 1_000,
    })
    expect({ made, attempts }).toEqual({ made: 200, attempts: 200 })
    expect(timeline.map(({ made }) => made)).toEqual([0, 0, 100, 100])
  })

  it('lets calls queue before a server’s workers', async () => {
    const { latency } = await simulate({
      ...usual,
      arrivals: 'steady',
      servers: [{ latency: 15, workers: 1 }],
      durationMs: 100,
    })
    // One comes every 10 ms and takes 15: the ninth waits for 40.
    expect(latency.maxMs).toBe(55)
  })

  it('lists servers from when they join until they leave, and breaks no call by that', async () => {
    const { failed, timeline } = await simulate({
      ...usual,
      servers: [{ latency: 10 }, { latency: 10, joinsAtMs: 1_000 }, { latency: 10, leavesAtMs: 2_000 }],
      bucketMs: 1_000,
    })
    expect(failed).toBe(0)
    const [first, second, third, last] = timeline.map(({ attempts }) => attempts)
    expect(first).toMatchObject({ s2: 0 })
    expect(second!['s2']).toBeGreaterThan(20)
    // Seen after 100 ms at most.
    expect(third!['s3']).toBeLessThan(10)
    expect(last).toMatchObject({ s3: 0 })
  })

  it('gives each caller a view, and options, of its own', async () => {
    const seen: unknown[] = []
    await simulate({
      ...usual,
      callers: [{ count: 2, zone: 'a' }, { zone: 'b' }],
      service: (caller) => {
        seen.push(caller)
        return {}
      },
    })
    expect(seen).toEqual([
      { index: 0, count: 3, zone: 'a' },
      { index: 1, count: 3, zone: 'a' },
      { index: 2, count: 3, zone: 'b' },
    ])
  })

  it('makes calls that leave their zone take longer, and counts them', async () => {
    const { crossZoneShare, latency } = await simulate({
      ...usual,
      servers: [
        { latency: 10, zone: 'a' },
        { latency: 10, zone: 'b' },
      ],
      callers: [{ zone: 'a' }],
      crossZoneMs: 5,
      service: { balancer: 'round-robin' },
      arrivals: 'steady',
    })
    expect(crossZoneShare).toBeCloseTo(0.5, 2)
    expect([latency.p75Ms, latency.maxMs]).toEqual([15, 15])
  })

  it.each([
    { strategy: 'failover' },
    { strategy: 'failfast' },
    { strategy: 'failsafe', fallback: 'none' },
    { strategy: 'failback', fallback: undefined },
    { strategy: 'forking', idempotent: true },
    { strategy: 'hedging', idempotent: true, hedgeAfterMs: 5 },
    { strategy: 'broadcast', share: 0.5 },
    { strategy: 'available' },
  ] as const)('runs calls to their end under $strategy', async (call) => {
    const faults = [{ kind: 'resets', share: 0.3, server: ['s1', 's2'], atMs: 0 }] as const
    const { made, attempts, failures } = await simulate({ ...usual, call, faults })
    expect(made).toBeGreaterThan(350)
    expect(attempts).toBeGreaterThanOrEqual(made)
    expect(Object.keys(failures).filter((name) => name !== 'CALL_FAILED' && name !== 'ECONNRESET')).toEqual(
      [],
    )
  })

  it('gives exactly these numbers for this seed', async () => {
    const result = await simulate({
      servers: [{ count: 2, latency: { kind: 'exponential', meanMs: 20 }, workers: 2 }, { latency: 30 }],
      callers: 2,
      rate: 50,
      durationMs: 2_000,
      seed: 42,
      service: { balancer: 'round-robin' },
      call: { idempotent: true, attemptTimeoutMs: 100 },
      faults: [{ atMs: 500, forMs: 500, server: 's3', kind: 'errors', share: 0.5 }],
      bucketMs: 1_000,
    })
    const { made, failed, attempts, latency, servers, timeline } = result
    // The one thing that may change them is a change of how Rollcall chooses.
    expect({ made, failed, attempts }).toEqual({ made: 93, failed: 0, attempts: 96 })
    expect(latency).toEqual({
      meanMs: 23.764,
      p50Ms: 30,
      p75Ms: 30,
      p90Ms: 40.736,
      p95Ms: 57.291,
      p99Ms: 73.42,
      p999Ms: 73.42,
      maxMs: 73.42,
    })
    expect(servers.map(({ attempts, maxInFlight }) => [attempts, maxInFlight])).toEqual([
      [32, 2],
      [33, 2],
      [31, 3],
    ])
    expect(timeline.map(({ made, p99Ms }) => [made, p99Ms])).toEqual([
      [43, 73.42],
      [50, 70.13],
    ])
  })
})
