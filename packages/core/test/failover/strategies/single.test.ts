import { describe, expect, test } from 'vitest'
import { CallFailedError } from '../../../src/failover/call-failed.js'
import { instances } from '../../selection/helpers.js'
import { fetchFailed, line, rejection, silent } from '../helpers.js'

const refuse = (): Promise<never> => Promise.reject(fetchFailed('ECONNREFUSED'))

describe('failfast', () => {
  const failfast = { strategy: 'failfast' } as const

  test('one attempt, and its error at once, even if it is idempotent and never left', async () => {
    const { call, called, clock } = line(instances(3))
    const failed = await rejection(call(refuse, { ...failfast, idempotent: true }))
    expect(failed).toMatchObject({ code: 'CALL_FAILED' })
    expect(failed.message).toMatch(/its one attempt being used: i0/)
    expect(called).toEqual(['i0'])
    expect(clock.timers).toBe(0)
  })

  test('results, failed results and errors that are answers are as in failover', async () => {
    const { call, selector } = line(instances(1))
    expect(await call(() => 7, failfast)).toBe(7)
    expect(await call(() => ({ status: 503 }), { ...failfast, idempotent: true })).toEqual({ status: 503 })
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(1)
    const error = Object.assign(new Error('no'), { status: 404 })
    expect(await rejection(call(() => Promise.reject(error), failfast))).toBe(error)
  })

  test('waits for the first snapshot, and is limited in time', async () => {
    const { call, clock, list } = line()
    const failed = rejection(call(() => silent(), { ...failfast, attemptTimeoutMs: 100 }))
    await clock.advance(500)
    list(instances(1))
    await clock.advance(100)
    expect((await failed).attempts).toMatchObject([{ instanceId: 'i0', ms: 100 }])
  })
})

describe('failsafe', () => {
  const failsafe = { strategy: 'failsafe', fallback: 'safe' } as const

  test('a success is returned', async () => {
    const { call, told } = line(instances(1))
    expect(await call(() => 7, failsafe)).toBe(7)
    expect(told).toEqual([])
  })

  test('one attempt; an error is told and the fallback returned', async () => {
    const { call, called, told, caller, selector } = line(instances(3))
    expect(await call(refuse, { ...failsafe, idempotent: true })).toBe('safe')
    expect(called).toEqual(['i0'])
    expect(told).toEqual([{ type: 'call.failsafe', error: expect.any(CallFailedError) }])
    expect(caller.counts.fallbacks).toBe(1)
    expect(selector.endpoints[0]!.ejectedFor).toBe('refused')
  })

  test('a failed result, an answer in disguise, nobody there, no time: all are errors', async () => {
    const { call, told } = line(instances(1))
    let signal: AbortSignal | undefined
    const bad = await call((_, context) => ((signal = context.signal), { status: 500 }), failsafe)
    expect(bad).toBe('safe')
    expect(signal!.aborted).toBe(true)
    const error = Object.assign(new Error('no'), { status: 404 })
    expect(await call(() => Promise.reject(error), failsafe)).toBe('safe')
    expect(told.map((event) => 'error' in event && event.error)).toEqual([expect.any(CallFailedError), error])

    const empty = line([])
    expect(await empty.call(() => 1, failsafe)).toBe('safe')
    expect(empty.told).toMatchObject([{ error: { code: 'NO_INSTANCES' } }])
    const never = line()
    const result = never.call(() => 1, { ...failsafe, deadlineMs: 100 })
    await never.clock.advance(100)
    expect(await result).toBe('safe')
    expect(never.told).toMatchObject([{ error: { code: 'TIMEOUT' } }])
  })

  test('the fallback may be undefined, if it is given', async () => {
    const { call } = line(instances(1))
    expect(await call(refuse, { strategy: 'failsafe', fallback: undefined })).toBeUndefined()
    const error = await rejection(call(() => 1, { strategy: 'failsafe' }))
    expect(error).toMatchObject({ code: 'BAD_OPTION' })
    expect(error.message).toMatch(
      /strategy is "failsafe", which returns a fallback on an error: give fallback/,
    )
  })

  test('what is the caller’s own doing is thrown all the same', async () => {
    const { call, close, clock, told, inFlight } = line(instances(1))
    const hangup = new AbortController()
    const failed = rejection(call(() => silent(), { ...failsafe, signal: hangup.signal }))
    await clock.settle()
    hangup.abort(new Error('enough'))
    expect((await failed).message).toBe('enough')
    const word = await rejection(call(() => 1, { ...failsafe, classify: () => 'good' as never }))
    expect(word).toMatchObject({ code: 'BAD_OPTION' })
    const wrong = line(instances(1), { balancer: () => undefined })
    expect(await rejection(wrong.call(() => 1, failsafe))).toMatchObject({ code: 'BAD_BALANCER' })
    close()
    expect(await rejection(call(() => 1, failsafe))).toMatchObject({ code: 'CLOSED' })
    expect(told).toEqual([])
    expect(inFlight()).toEqual([0])
  })
})

describe('available', () => {
  const available = { strategy: 'available', idempotent: true } as const

  test('the first in the order of the set, whatever the balancer says', async () => {
    const { call, called } = line(instances(3), { balancer: (all) => all.at(-1) })
    for (let i = 0; i < 3; i++) await call(() => 1, available)
    expect(called).toEqual(['i0', 'i0', 'i0'])
  })

  test('on failure the next in order, as in failover', async () => {
    const { call, clock, called } = line(instances(3))
    const failed = rejection(call(() => Promise.reject(new Error('x')), { ...available, attempts: 4 }))
    await clock.advance(1_000)
    expect(called).toEqual(['i0', 'i1', 'i2', 'i0'])
    expect((await failed).attempts).toHaveLength(4)
  })

  test('only what is safe', async () => {
    const { call, called } = line(instances(3))
    await rejection(call(() => Promise.reject(new Error('x')), { strategy: 'available' }))
    expect(called).toEqual(['i0'])
    expect(await call(({ id }) => (id === 'i0' ? refuse() : id), { strategy: 'available' })).toBe('i1')
  })

  test('passes over those that are no candidates, or full', async () => {
    const { call, called, clock } = line(instances(3), { maxInFlight: 1 })
    await call(({ id }) => (id === 'i0' ? refuse() : id), available)
    const slow = call(() => silent(), { ...available, attempts: 1 }).catch(() => {})
    await call(() => 1, available)
    expect(called).toEqual(['i0', 'i1', 'i1', 'i2'])
    await clock.advance(2_000)
    await slow
  })

  test('all full is OVERLOADED, nobody NO_INSTANCES, not ready is waited for', async () => {
    const full = line(instances(1), { maxInFlight: 1 })
    const slow = full.call(() => silent(), available).catch(() => {})
    expect(await rejection(full.call(() => 1, available))).toMatchObject({ code: 'OVERLOADED' })
    await full.clock.advance(20_000)
    await slow
    expect(await rejection(line([]).call(() => 1, available))).toMatchObject({ code: 'NO_INSTANCES' })
    const later = line()
    const result = later.call(({ id }) => id, available)
    later.list(instances(2))
    expect(await result).toBe('i0')
  })
})

describe('a limit of calls per endpoint', () => {
  test.each([true, false])('is OVERLOADED on the first pick, idempotent or not (%s)', async (idempotent) => {
    const { call, clock, called } = line(instances(2), { maxInFlight: 1 })
    const held = [1, 2].map(() => call(() => silent(), { attempts: 1 }).catch(() => {}))
    expect(await rejection(call(() => 1, { idempotent }))).toMatchObject({ code: 'OVERLOADED' })
    expect(called).toEqual(['i0', 'i1'])
    await clock.advance(2_000)
    await Promise.all(held)
  })

  test('ends the retries in words', async () => {
    const { call, clock, inFlight } = line(instances(1), { maxInFlight: 1, random: () => -1 })
    const failed = rejection(call(() => Promise.reject(new Error('x')), { idempotent: true }))
    await clock.settle()
    const held = call(() => silent(), { attempts: 1 }).catch(() => {})
    await clock.advance(25)
    expect((await failed).message).toMatch(/no instance being left: i0 .* x/)
    await clock.advance(2_000)
    await held
    expect(inFlight()).toEqual([0])
  })
})

test('a view closed between two attempts is told with what failed', async () => {
  const { call, close } = line(instances(2))
  const failed = await rejection(
    call(
      () => {
        close()
        throw new Error('x')
      },
      { idempotent: true },
    ),
  )
  expect(failed).toMatchObject({ code: 'CALL_FAILED', cause: { message: 'x' } })
  expect(failed.message).toMatch(/its view being closed: i0/)
})
