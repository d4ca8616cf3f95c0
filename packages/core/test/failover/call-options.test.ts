import { describe, expect, test } from 'vitest'
import {
  belongsTo,
  callOptions,
  strategyNames,
  type CallDefaults,
  type CallOptions,
  type StrategyName,
} from '../../src/failover/call-options.js'
import { mergeCallOptions, planDefaults } from '../../src/failover/call-plan.js'
import { instances } from '../selection/helpers.js'
import { line, rejection } from './helpers.js'

const needs: Partial<Record<StrategyName, CallOptions<unknown, unknown>>> = {
  forking: { idempotent: true },
  hedging: { idempotent: true },
  failsafe: { fallback: 0 },
  failback: { fallback: 0 },
}
const fitting: Record<string, unknown> = {
  attempts: 2,
  backoffBaseMs: 5,
  backoffMaxMs: 500,
  forks: 3,
  hedges: 2,
  hedgeAfterMs: 5,
  share: 0.5,
  fallback: 7,
  everyMs: 10,
  times: 2,
  queue: 3,
  key: 'k',
}
const pairs = strategyNames.flatMap((strategy) =>
  Object.entries(belongsTo).map(([name, owners]) => [strategy, name, owners.includes(strategy)] as const),
)

describe('an option of a strategy', () => {
  test.each(pairs)('%s, %s: %s', async (strategy, name, isItsOwn) => {
    const { call } = line(instances(2))
    const options = { ...needs[strategy], strategy, [name]: fitting[name] } as CallOptions<unknown, unknown>
    if (isItsOwn) return void (await call(() => 1, options))
    const error = await rejection(call(() => 1, options))
    expect(error).toMatchObject({ code: 'BAD_OPTION' })
    expect(error.message).toContain(`Option ${name} conflicts with the strategy ${strategy}, being for `)
    expect(error.message).toContain(`: leave ${name} out or give another strategy.`)
  })

  test('the words name its own strategies', () => {
    const plan = planDefaults(undefined)
    expect(() => mergeCallOptions(plan, { hedges: 1 })).toThrow(
      'Option hedges conflicts with the strategy failover, being for hedging: leave hedges out or give another strategy.',
    )
    expect(() => mergeCallOptions(plan, { fallback: 1 })).toThrow(/being for failsafe, failback:/)
    expect(() => mergeCallOptions(plan, { strategy: 'broadcast', key: 1 })).toThrow(
      /being for strategies that let the balancer choose:/,
    )
  })

  test('an undefined one is not given', () => {
    const plan = planDefaults(undefined)
    expect(mergeCallOptions(plan, { hedges: undefined, fallback: undefined } as never)).toMatchObject({
      strategy: 'failover',
    })
  })

  test('all that have a default have it', () => {
    const plan = planDefaults(undefined) as unknown as Record<string, unknown>
    for (const [name, spec] of Object.entries(callOptions)) {
      if ('default' in spec) expect([name, plan[name]]).toEqual([name, spec.default])
    }
  })
})

describe('an unknown strategy, or options out of range', () => {
  test.each<[object, RegExp]>([
    [{ strategy: 'hedge' }, /Option strategy is "hedge": give one of failover, failfast, /],
    [{ strategy: 7 }, /Option strategy is 7/],
    [{ hedges: 1, strategy: 'x' }, /Option strategy is "x"/],
    [{ strategy: 'hedging', hedges: 0 }, /Option hedges is 0: give a whole number from 1 to 10/],
    [{ strategy: 'hedging', hedgeAfterMs: -1 }, /Option hedgeAfterMs is -1/],
    [{ strategy: 'forking', forks: 1 }, /Option forks is 1: give a whole number from 2 to 10/],
    [{ strategy: 'broadcast', share: 0 }, /Option share is 0: give a number from 0.01 to 1/],
    [{ strategy: 'failback', everyMs: 0 }, /Option everyMs is 0/],
    [{ strategy: 'failback', times: 0 }, /Option times is 0/],
    [{ strategy: 'failback', queue: -1 }, /Option queue is -1/],
    [{ backoffBaseMs: -1 }, /Option backoffBaseMs is -1/],
    [{ backoffMaxMs: Infinity }, /Option backoffMaxMs is Infinity/],
    [{ backoffBaseMs: 300 }, /backoffBaseMs is 300 and conflicts with backoffMaxMs, which is 250/],
    [null as never, /Option options is null: give an object/],
  ])('%j', async (options, message) => {
    const error = await rejection(line(instances(1)).call(() => 1, options))
    expect(error).toMatchObject({ code: 'BAD_OPTION' })
    expect(error.message).toMatch(message)
  })
})

describe('a service’s defaults', () => {
  const of = (call: CallDefaults, options?: CallOptions<unknown, unknown>) =>
    mergeCallOptions(planDefaults(call), options)

  test('hold for its calls, and are overridden by them', () => {
    expect(of({ idempotent: true, attempts: 5 })).toMatchObject({ idempotent: true, attempts: 5 })
    expect(of({ attempts: 5, deadlineMs: 99 }, { attempts: 2 })).toMatchObject({
      attempts: 2,
      deadlineMs: 99,
    })
    expect(of({ attempts: 5 }, { attempts: undefined } as never)).toMatchObject({ attempts: 5 })
  })

  test('of its strategy are passed over for calls with another', () => {
    const hedging: CallDefaults = { strategy: 'hedging', idempotent: true, hedges: 2, attempts: 4 }
    expect(of(hedging)).toMatchObject({ strategy: 'hedging', hedges: 2 })
    expect(of(hedging, { hedges: 3 })).toMatchObject({ hedges: 3 })
    expect(of(hedging, { strategy: 'failfast' })).toMatchObject({ strategy: 'failfast' })
    expect(() => of(hedging, { strategy: 'failfast', hedges: 1 })).toThrow(/hedges conflicts .* failfast/)
    expect(() => of(hedging, { forks: 2 })).toThrow(/forks conflicts with the strategy hedging/)
  })

  test('may hold a fallback', async () => {
    const { call } = line([], { call: { strategy: 'failsafe', fallback: 'safe' } })
    expect(await call(() => 1)).toBe('safe')
    expect(await call(() => 1, { fallback: 'mine' })).toBe('mine')
    expect(await call(() => 1, { fallback: undefined })).toBeUndefined()
  })

  test('what the strategy needs may come with the call', () => {
    expect(() => of({ strategy: 'hedging' })).toThrow(/give idempotent: true/)
    expect(of({ strategy: 'hedging' }, { idempotent: true })).toMatchObject({ strategy: 'hedging' })
    expect(() => of({ strategy: 'failsafe' })).toThrow(/give fallback/)
  })

  test.each<[object, string, RegExp]>([
    [
      { hedges: 1 },
      'BAD_OPTION',
      /Option call.hedges conflicts with the strategy failover, being for hedging/,
    ],
    [{ strategy: 'x' }, 'BAD_OPTION', /Option call.strategy is "x"/],
    [{ attempts: 0 }, 'BAD_OPTION', /Option call.attempts is 0/],
    [{ classify: 1 }, 'BAD_OPTION', /Option call.classify is 1: give a function/],
    [{ backoffMaxMs: 1 }, 'BAD_OPTION', /backoffBaseMs is 25 and conflicts with backoffMaxMs/],
    [{ attemps: 1 }, 'UNKNOWN_OPTION', /Did you mean call.attempts/],
    [{ key: 'k' }, 'UNKNOWN_OPTION', /no option "call.key"/],
    [{ signal: new AbortController().signal }, 'UNKNOWN_OPTION', /no option "call.signal"/],
    ['hedging' as never, 'BAD_OPTION', /Option call is "hedging": give an object/],
    [null as never, 'BAD_OPTION', /Option call is null/],
  ])('%j is %s', (call, code, message) => {
    expect(() => line([], { call })).toThrow(expect.objectContaining({ code }))
    expect(() => line([], { call })).toThrow(message)
  })
})

describe('backoffBaseMs and backoffMaxMs', () => {
  test('set the pauses', async () => {
    const { call, clock } = line(instances(1), { random: () => -1 })
    const pauses: number[] = []
    const failed = rejection(
      call(() => Promise.reject(new Error('x')), {
        idempotent: true,
        attempts: 5,
        backoffBaseMs: 100,
        backoffMaxMs: 300,
      }),
    )
    for (let i = 0; i < 4; i++) {
      await clock.settle()
      pauses.push(Math.round(clock.nextInMs!))
      await clock.advance(clock.nextInMs!)
    }
    await failed
    expect(pauses).toEqual([100, 200, 300, 300])
  })
})

test('the type of a fallback joins that of the result, and only then', async () => {
  const { call } = line(instances(1))
  const options: CallOptions<number> = { attempts: 1 }
  const plain: number = await call(() => 1, options)
  const either: number | null = await call(() => 1, { strategy: 'failsafe', fallback: null })
  // @ts-expect-error -- it may be null
  const wrong: number = await call(() => 1, { strategy: 'failsafe', fallback: null })
  expect([plain, either, wrong]).toEqual([1, 1, 1])
})

test('the signal is made when it is read', async () => {
  const { call } = line(instances(1))
  const context = await call((_, context) => context)
  expect(context.signal).toBe(context.signal)
  expect(context.signal.aborted).toBe(false)
})
