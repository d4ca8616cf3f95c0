import { describe, expect, test } from 'vitest'
import { RetryBudget, parseRetryBudget, type RetryBudgetOptions } from '../../src/failover/retry-budget.js'
import { instances } from '../selection/helpers.js'
import { fetchFailed, line, rejection } from './helpers.js'

/** How many draws it grants at once. */
function drawn(budget: RetryBudget, now: number): number {
  let n = 0
  while (n < 10_000 && budget.draw(now)) n++
  return n
}

describe('arithmetic', () => {
  test('by default 20 % of the calls of 10 s, and 10 per second', () => {
    const budget = new RetryBudget()
    expect(drawn(budget, 0)).toBe(100)
    for (let i = 0; i < 50; i++) budget.count(0)
    expect(drawn(budget, 0)).toBe(10)
    expect(budget).toMatchObject({ calls: 50, retries: 110 })
  })

  test.each([
    [{ share: 0.5, floorPerSecond: 0 }, 50],
    [{ share: 1, floorPerSecond: 0 }, 100],
    [{ share: 0, floorPerSecond: 0 }, 0],
    [{ share: 0, floorPerSecond: 2 }, 20],
    [{ share: 0.01, floorPerSecond: 0.1 }, 2],
    [{ share: 0.005, floorPerSecond: 0 }, 0],
  ])('%j of 100 calls: %i', (options: RetryBudgetOptions, allowed) => {
    const budget = new RetryBudget(options)
    for (let i = 0; i < 100; i++) budget.count(i)
    expect(drawn(budget, 100)).toBe(allowed)
  })

  test('looks back on the current second and the nine before', () => {
    const budget = new RetryBudget({ share: 1, floorPerSecond: 0 })
    for (let second = 0; second < 20; second++) budget.count(second * 1_000 + 500)
    expect(budget.calls).toBe(10)
    expect(drawn(budget, 19_999)).toBe(10)
    expect(drawn(budget, 20_000)).toBe(0)
    // The draws of second 19 weigh until second 29.
    for (let i = 0; i < 3; i++) budget.count(28_999)
    expect(drawn(budget, 28_999)).toBe(0)
    expect(drawn(budget, 29_000)).toBe(3)
  })

  test('forgets all after a long silence, and starts at any time of the clock', () => {
    const budget = new RetryBudget({ share: 1, floorPerSecond: 0 })
    for (let i = 0; i < 5; i++) budget.count(1e12 + 0.5)
    expect(drawn(budget, 1e12 + 1)).toBe(5)
    expect(drawn(budget, 1e12 + 3_600_000)).toBe(0)
    expect(budget).toMatchObject({ calls: 0, retries: 0 })
  })
})

describe('the option', () => {
  test('false is no limit, undefined the default', () => {
    expect(parseRetryBudget(false)).toBeUndefined()
    expect(drawn(parseRetryBudget(undefined)!, 0)).toBe(100)
    expect(drawn(parseRetryBudget({ floorPerSecond: 1 })!, 0)).toBe(10)
    expect(drawn(parseRetryBudget({ share: undefined } as never)!, 0)).toBe(100)
  })

  test.each([
    [true, /Option retryBudget is true: give \{ share, floorPerSecond \} or false/],
    [[], /Option retryBudget is an array/],
    [null, /Option retryBudget is null/],
    [{ share: 2 }, /Option retryBudget.share is 2: give a number from 0 to 1/],
    [{ floorPerSecond: -1 }, /Option retryBudget.floorPerSecond is -1/],
    [{ shares: 1 }, /Did you mean retryBudget\.share/],
  ])('%j', (wanted, message) => {
    expect(() => parseRetryBudget(wanted as never)).toThrow(message)
  })
})

describe('of a view', () => {
  const none = { share: 0, floorPerSecond: 0 }
  const fail = (): Promise<never> => Promise.reject(new Error('x'))

  test('used up: no retry, and the words say so', async () => {
    const { call, called, caller } = line(instances(3), { retryBudget: none })
    const failed = await rejection(call(fail, { idempotent: true }))
    expect(failed).toMatchObject({ code: 'CALL_FAILED' })
    expect(failed.message).toMatch(/its retry budget being used up/)
    expect(called).toEqual(['i0'])
    expect(caller.counts).toMatchObject({ calls: 1, retries: 0, refused: 1 })
  })

  test('used up: a failed answer is returned at once', async () => {
    const { call, called } = line(instances(3), { retryBudget: none })
    expect(await call(() => ({ status: 503 }), { idempotent: true })).toEqual({ status: 503 })
    expect(called).toEqual(['i0'])
  })

  test('shared by the calls, and refilled by time', async () => {
    const { call, clock, called } = line(instances(2), { retryBudget: { share: 0, floorPerSecond: 0.2 } })
    const options = { idempotent: true, attempts: 2 }
    for (let i = 0; i < 4; i++) await rejection(call(fail, options))
    expect(called).toHaveLength(6)
    await clock.advance(10_000)
    await rejection(call(fail, options))
    expect(called).toHaveLength(8)
  })

  test('false: as many as there are attempts', async () => {
    const { call, called, clock } = line(instances(2), { retryBudget: false })
    const failed = Array.from({ length: 200 }, () =>
      rejection(call(fail, { idempotent: true, attempts: 2, deadlineMs: 60_000 })),
    )
    await clock.advance(1_000)
    await Promise.all(failed)
    expect(called).toHaveLength(400)
  })

  test('a refusal by an instance in service draws nothing; by one known to refuse it does', async () => {
    const { call, called, clock } = line(instances(12), { retryBudget: none })
    const refuse = (): Promise<never> => Promise.reject(fetchFailed('ECONNREFUSED'))
    const failed = rejection(call(refuse))
    await clock.advance(100)
    await failed
    expect(called).toHaveLength(12)
    expect((await rejection(call(refuse))).message).toMatch(/retry budget/)
    expect(called).toHaveLength(13)
  })

  test('is told once per second at most', async () => {
    const { call, told, clock } = line(instances(2), { retryBudget: none })
    for (let i = 0; i < 5; i++) await rejection(call(fail, { idempotent: true }))
    expect(told).toEqual([{ type: 'call.budget', calls: 1, retries: 0 }])
    await clock.advance(1_000)
    await rejection(call(fail, { idempotent: true }))
    expect(told).toHaveLength(2)
    expect(told[1]).toEqual({ type: 'call.budget', calls: 6, retries: 0 })
  })
})
