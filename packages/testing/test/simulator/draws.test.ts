import { describe, expect, it } from 'vitest'
import { simulate, type Keys, type Latency } from '@rollcall/testing'

/** What so many calls, one after the other, took. */
async function latencyOf(latency: Latency) {
  const result = await simulate({
    servers: [{ latency }],
    rate: 1,
    durationMs: 2_000_000,
    arrivals: 'steady',
  })
  return result.latency
}

describe('latencies', () => {
  it('are constant', async () => {
    expect(await latencyOf(7)).toMatchObject({ p50Ms: 7, maxMs: 7 })
  })

  it('are exponential', async () => {
    const { meanMs, p50Ms, p99Ms } = await latencyOf({ kind: 'exponential', meanMs: 100 })
    expect([meanMs / 100, p50Ms / 69.3, p99Ms / 460.5].every((ratio) => Math.abs(ratio - 1) < 0.1)).toBe(true)
  })

  it('are lognormal', async () => {
    const { p50Ms, p99Ms } = await latencyOf({ kind: 'lognormal', medianMs: 20, p99Ms: 100 })
    expect([p50Ms / 20, p99Ms / 100].every((ratio) => Math.abs(ratio - 1) < 0.1)).toBe(true)
  })

  it('are a function’s', async () => {
    expect(await latencyOf((random) => (random() < 0 ? 1 : 2))).toMatchObject({
      p50Ms: expect.any(Number),
      maxMs: 2,
    })
  })
})

describe('keys', () => {
  async function keysSeen(keys: Keys) {
    const counts = new Map<string, number>()
    const balancer = (candidates: readonly object[], { key }: { key: string | undefined }) => {
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
      return candidates[0] as never
    }
    const servers = [{ latency: 1 }]
    const result = await simulate({ servers, rate: 1_000, durationMs: 5_000, keys, service: { balancer } })
    return { counts, result }
  }

  it('are uniform', async () => {
    const { counts, result } = await keysSeen({ kind: 'uniform', count: 10 })
    expect(result.keys).toEqual({ seen: 10, moved: 0, movedNeedlessly: 0 })
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(100)
  })

  it('are few and many, by Zipf', async () => {
    const { counts } = await keysSeen({ kind: 'zipf', count: 100 })
    // The first has 1 of the 5.187 parts, the tenth 0.1.
    expect(Math.abs(counts.get('key-0')! - 964)).toBeLessThan(100)
    expect(Math.abs(counts.get('key-9')! - 96)).toBeLessThan(40)
  })

  it('are a function’s', async () => {
    const { counts } = await keysSeen(() => 'mine')
    expect([...counts.keys()]).toEqual(['mine'])
  })

  it('move, needlessly or not', async () => {
    const servers = [
      { count: 4, latency: 1 },
      { latency: 1, leavesAtMs: 2_000 },
    ]
    const common = { servers, rate: 500, durationMs: 4_000, keys: { kind: 'uniform', count: 50 } as const }
    const turns = await simulate({ ...common, service: { balancer: 'round-robin' } })
    expect(turns.keys).toEqual({ seen: 50, moved: 50, movedNeedlessly: 50 })
    const lastOne = await simulate({ ...common, service: { balancer: (all) => all.at(-1) } })
    expect(lastOne.keys).toEqual({ seen: 50, moved: 50, movedNeedlessly: 0 })
  })
})
