import { ManualClock } from '@rollcall/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimeLimits, type Limited } from '../../src/failover/time-limits.js'

class Run implements Limited {
  before: Limited | undefined = undefined
  after: Limited | undefined = undefined
  readonly endsAt: number
  readonly #onExpire: (run: Run) => void

  constructor(endsAt: number, onExpire: (run: Run) => void = () => {}) {
    this.endsAt = endsAt
    this.#onExpire = onExpire
  }

  expire(): void {
    this.#onExpire(this)
  }
}

/** Counts the timers that were ever set. */
class CountingClock extends ManualClock {
  set = 0

  override after(ms: number, fn: () => void): () => void {
    this.set++
    return super.after(ms, fn)
  }
}

function scene(): {
  clock: CountingClock
  limits: TimeLimits
  expired: [endsAt: number, at: number][]
  run: (ms: number) => Run
} {
  const clock = new CountingClock()
  const limits = new TimeLimits(clock)
  const expired: [number, number][] = []
  const run = (ms: number): Run => {
    const run = new Run(clock.now() + ms, ({ endsAt }) => expired.push([endsAt, clock.now()]))
    limits.set(run, clock.now())
    return run
  }
  return { clock, limits, expired, run }
}

describe('a run', () => {
  test('expires at its time, whatever was set before and after it', async () => {
    const { clock, expired, run } = scene()
    for (const ms of [5000, 2000, 2500, 300, 2000, 0]) run(ms)
    await clock.advance(10_000)
    expect(expired).toEqual([0, 300, 2000, 2000, 2500, 5000].map((ms) => [ms, ms]))
    expect(clock.timers).toBe(0)
  })

  test('that was cleared does not, and may be cleared twice', async () => {
    const { clock, limits, expired, run } = scene()
    const runs = [run(100), run(200), run(300)]
    await clock.advance(50)
    for (const at of [1, 1, 2, 0]) limits.clear(runs[at]!)
    await clock.advance(5_000)
    expect(expired).toEqual([])
    run(100)
    await clock.advance(100)
    expect(expired).toEqual([[5_150, 5_150]])
  })

  test('that ends others, and begins some, when it expires', async () => {
    const { clock, limits, expired, run } = scene()
    const others = [run(100), run(300)]
    const first = new Run(50, () => {
      for (const other of others) limits.clear(other)
      run(20)
    })
    limits.set(first, 0)
    run(100)
    await clock.advance(1_000)
    expect(expired.map(([, at]) => at)).toEqual([70, 100])
  })

  test('may end one that is due at the same moment', async () => {
    const { clock, limits } = scene()
    const seen: string[] = []
    const later = new Run(50, () => seen.push('later'))
    limits.set(
      new Run(50, () => {
        seen.push('first')
        limits.clear(later)
      }),
      0,
    )
    limits.set(later, 0)
    await clock.advance(50)
    // Told all the same: who has ended knows.
    expect(seen).toEqual(['first', 'later'])
  })

  test('of any length, in any order, expires once and in time unless cleared before', async () => {
    const step = fc.record({
      ms: fc.nat(5_000),
      clearAfterMs: fc.option(fc.nat(6_000)),
      waitMs: fc.nat(700),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, limits, expired, run } = scene()
        const expected: number[] = []
        for (const { ms, clearAfterMs, waitMs } of steps) {
          const each = run(ms)
          if (clearAfterMs === null || clearAfterMs >= ms) expected.push(each.endsAt)
          if (clearAfterMs !== null) clock.after(clearAfterMs, () => limits.clear(each))
          await clock.advance(waitMs)
        }
        await clock.advance(20_000)
        expect(expired.map(([endsAt]) => endsAt).toSorted((a, b) => a - b)).toEqual(
          expected.toSorted((a, b) => a - b),
        )
        expect(expired.every(([endsAt, at]) => endsAt === at)).toBe(true)
        expect(clock.timers).toBe(0)
      }),
      { seed: 1, numRuns: 100 },
    )
  })
})

describe('the timer', () => {
  test('is one for all, and set once a second at most while runs are cleared in time', async () => {
    const { clock, limits, run } = scene()
    for (let i = 0; i < 10_000; i++) {
      const each = run(2_000)
      expect(clock.timers).toBe(1)
      await (i % 100 === 0 && clock.advance(100))
      limits.clear(each)
    }
    expect(clock.now()).toBe(10_000)
    expect(clock.set).toBeLessThanOrEqual(11)
  })

  test('waits for nobody no longer than a second', async () => {
    const { clock, limits, run } = scene()
    limits.clear(run(600_000))
    expect(clock.nextInMs).toBe(1_000)
    await clock.advance(1_000)
    expect(clock.timers).toBe(0)
  })

  test('is gone with close, once nothing runs', async () => {
    const { clock, limits, expired, run } = scene()
    limits.clear(run(500))
    limits.close()
    expect(clock.timers).toBe(0)
    const [one, other] = [run(500), run(500)]
    limits.clear(one)
    expect(clock.timers).toBe(1)
    limits.clear(other)
    expect(clock.timers).toBe(0)
    run(500)
    await clock.advance(500)
    expect(expired).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })
})
