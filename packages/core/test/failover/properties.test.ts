import fc from 'fast-check'
import { expect, test } from 'vitest'
import { strategyNames, type CallOptions, type StrategyName } from '../../src/failover/call-options.js'
import { instances } from '../selection/helpers.js'
import { fetchFailed, line, silent, type Line } from './helpers.js'

const behaviours = [
  'ok',
  'throw',
  'reject',
  'refuse',
  'never',
  'bad',
  'busy',
  'slow',
  'abort',
  'answer',
] as const
type Behaviour = (typeof behaviours)[number]

function behave(behaviour: Behaviour, { clock }: Line, signal: AbortSignal): unknown {
  switch (behaviour) {
    case 'ok':
      return 1
    case 'throw':
      throw new Error('sync')
    case 'reject':
      return Promise.reject(new Error('async'))
    case 'refuse':
      return Promise.reject(fetchFailed('ECONNREFUSED'))
    case 'never':
      return silent()
    case 'bad':
      return { status: 500 }
    case 'busy':
      return { status: 503, headers: { 'retry-after': '1' } }
    case 'slow':
      return new Promise((resolve) => clock.after(700, () => resolve('slow')))
    case 'abort':
      return silent(signal)
    case 'answer':
      return Promise.reject(Object.assign(new Error('no'), { status: 404 }))
  }
}

interface Made {
  readonly strategy: StrategyName
  readonly idempotent: boolean
  readonly hangsUpAt: number | undefined
  readonly startsAt: number
  readonly n: number
}

function optionsOf({ strategy, idempotent, n }: Made): CallOptions<unknown, unknown> {
  switch (strategy) {
    case 'failover':
    case 'available':
      return { strategy, idempotent, attempts: n }
    case 'failfast':
    case 'broadcast':
      return { strategy, idempotent }
    case 'failsafe':
      return { strategy, idempotent, fallback: 'fallback' }
    case 'failback':
      return { strategy, idempotent, fallback: 'fallback', everyMs: 100 * n, times: n, queue: n }
    case 'forking':
      return { strategy, idempotent: true, forks: n + 1 }
    case 'hedging':
      return { strategy, idempotent: true, hedgeAfterMs: 100 * n, hedges: n, attempts: n + 1 }
  }
}

const made: fc.Arbitrary<Made> = fc.record({
  strategy: fc.constantFrom(...strategyNames),
  idempotent: fc.boolean(),
  hangsUpAt: fc.option(fc.nat(4_000), { nil: undefined }),
  startsAt: fc.nat(3_000),
  n: fc.integer({ min: 1, max: 4 }),
})

const scene = fc.record({
  size: fc.integer({ min: 0, max: 4 }),
  script: fc.array(fc.constantFrom(...behaviours), { minLength: 1, maxLength: 20 }),
  calls: fc.array(made, { minLength: 1, maxLength: 6 }),
  maxInFlight: fc.constantFrom(1, 3, 1_000),
  share: fc.constantFrom(0, 0.2, 1),
  listedAt: fc.constantFrom(0, 500, 30_000),
  closesAt: fc.option(fc.nat(5_000), { nil: undefined }),
})

test('in flight returns to 0, no timer stays, all is settled and no winner aborted, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ size, script, calls, maxInFlight, share, listedAt, closesAt }) => {
      const set = line(undefined, {
        balancer: 'random',
        keepsTimer: true,
        maxInFlight,
        retryBudget: { share, floorPerSecond: share },
      })
      const { clock } = set
      let next = 0
      const won = new Set<AbortSignal>()
      if (listedAt === 0) set.list(instances(size))
      else clock.after(listedAt, () => set.list(instances(size)))
      if (closesAt !== undefined) clock.after(closesAt, () => set.close())
      let settled = 0
      for (const one of calls) {
        clock.after(one.startsAt, () => {
          const hangup = new AbortController()
          if (one.hangsUpAt !== undefined) clock.after(one.hangsUpAt, () => hangup.abort())
          const byResult = new Map<unknown, AbortSignal>()
          const fn = (_: unknown, { signal }: { signal: AbortSignal }): unknown => {
            const result = behave(script[next++ % script.length]!, set, signal)
            if (result !== null && typeof result === 'object') byResult.set(result, signal)
            return result === 1 ? note(byResult, signal) : result
          }
          const keep = (result: unknown): void => {
            settled++
            const signal = byResult.get(result)
            if (signal) won.add(signal)
          }
          set.call(fn, { ...optionsOf(one), signal: hangup.signal }).then(keep, keep)
        })
      }
      await clock.advance(60_000)
      expect(settled).toBe(calls.length)
      expect(set.inFlight().every((count) => count === 0)).toBe(true)
      expect(clock.timers).toBe(0)
      expect([...won].filter(({ aborted }) => aborted)).toEqual([])
      expect(set.caller.repeats.size).toBe(0)
    }),
    { numRuns: 400 },
  )
})

/** A result that is like no other, so that it tells which attempt won. */
function note(byResult: Map<unknown, AbortSignal>, signal: AbortSignal): object {
  const result = { status: 200 }
  byResult.set(result, signal)
  return result
}

test('a call never takes longer than its deadline', async () => {
  await fc.assert(
    fc.asyncProperty(
      made,
      fc.array(fc.constantFrom(...behaviours), { minLength: 1 }),
      fc.integer({ min: 50, max: 3_000 }),
      async (one, script, deadlineMs) => {
        const set = line(instances(3), { balancer: 'random', keepsTimer: true })
        let next = 0
        let endedAt: number | undefined
        const end = (): void => void (endedAt = set.clock.now())
        set
          .call((_, { signal }) => behave(script[next++ % script.length]!, set, signal), {
            ...optionsOf(one),
            deadlineMs,
          })
          .then(end, end)
        await set.clock.advance(deadlineMs)
        expect(endedAt).toBeLessThanOrEqual(deadlineMs)
        await set.clock.advance(deadlineMs + 10_000)
        expect(set.clock.timers).toBe(0)
      },
    ),
    { numRuns: 200 },
  )
})
