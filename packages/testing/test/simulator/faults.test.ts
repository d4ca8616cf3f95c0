import { describe, expect, it } from 'vitest'
import { simulate, type FaultKind, type Simulation } from '@rollcall/testing'

/** One server, one call every 10 ms, and a fault from 97 ms to 197 ms. */
function suffering(kind: FaultKind, more: Partial<Simulation> = {}): Simulation {
  return {
    servers: [{ latency: 5 }],
    rate: 100,
    arrivals: 'steady',
    durationMs: 300,
    bucketMs: 100,
    call: { attempts: 1 },
    faults: [{ ...kind, atMs: 97, forMs: 100, server: 's1' }],
    ...more,
  }
}

describe('a simulated server', () => {
  it('is slow', async () => {
    const { failed, latency, timeline } = await simulate(suffering({ kind: 'slow', ms: 50 }))
    expect([failed, latency.maxMs]).toEqual([0, 55])
    expect(timeline.map(({ p50Ms }) => p50Ms)).toEqual([5, 55, 5])
  })

  it('answers a share of the calls with an error, and at once if told so', async () => {
    const { made, failures, latency } = await simulate(
      suffering({ kind: 'errors', share: 0.2, ms: 0 }, { durationMs: 20_000, bucketMs: 20_000 }),
    )
    expect([made, Object.keys(failures)]).toEqual([1999, ['status 503']])
    expect(latency).toMatchObject({ p50Ms: 5, maxMs: 5 })
    const long = suffering({ kind: 'errors', share: 0.2 }, { durationMs: 20_000, bucketMs: 20_000 })
    const { failed } = await simulate({
      ...long,
      faults: [{ kind: 'errors', share: 0.2, atMs: 0, server: 's1' }],
    })
    expect(failed).toBeGreaterThan(350)
    expect(failed).toBeLessThan(450)
  })

  it('resets connections', async () => {
    const { failed, failures } = await simulate(suffering({ kind: 'resets' }))
    expect([failed, failures]).toEqual([10, { CALL_FAILED: 10 }])
  })

  it('is dead: breaks off what it was asked, refuses what comes, and costs an idempotent call nothing', async () => {
    const two = { servers: [{ count: 2, latency: 8 }], service: { balancer: 'round-robin' as const } }
    const { failed, changes } = await simulate(
      suffering({ kind: 'dead' }, { ...two, call: { idempotent: true }, durationMs: 1_000 }),
    )
    expect(failed).toBe(0)
    expect(changes).toContainEqual({ atMs: expect.any(Number), caller: 0, type: 'ejected', server: 's1' })
    const { failures } = await simulate(suffering({ kind: 'dead' }, { call: { attempts: 1 } }))
    expect(failures).toEqual({ CALL_FAILED: 10 })
  })

  it('is frozen: answers nothing until it thaws, then everything', async () => {
    const { failed, latency, timeline } = await simulate(suffering({ kind: 'frozen' }))
    expect(failed).toBe(0)
    // Asked at 100, thawed at 197, and 5 ms of work.
    expect(latency.maxMs).toBe(102)
    expect(timeline[2]).toMatchObject({ p50Ms: 5, p99Ms: 5 })
  })

  it('flaps', async () => {
    const { failures } = await simulate(
      suffering({ kind: 'flapping', periodMs: 40 }, { faults: [], durationMs: 200 }),
    )
    expect(failures).toEqual({})
    const flapping = { kind: 'flapping', periodMs: 40, atMs: 7, server: 's1' } as const
    const { failed, made } = await simulate(suffering(flapping, { faults: [flapping], durationMs: 200 }))
    expect([made, failed]).toEqual([19, 10])
  })

  it('may suffer from several faults at once', async () => {
    const { latency } = await simulate(
      suffering(
        { kind: 'slow', ms: 50 },
        {
          faults: [
            { kind: 'slow', ms: 50, atMs: 97, forMs: 100, server: ['s1'] },
            { kind: 'slow', ms: 20, atMs: 145, server: 's1' },
          ],
        },
      ),
    )
    expect(latency.maxMs).toBe(75)
  })
})
