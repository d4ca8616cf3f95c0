import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../../src/selection/outcome.js'
import { instances } from '../../selection/helpers.js'
import { fetchFailed, line, rejection, silent } from '../helpers.js'

const forking = { strategy: 'forking', idempotent: true } as const

describe('forking', () => {
  test('asks two instances at once; the first success wins, the other is aborted and cancelled', async () => {
    const { call, clock, called, selector, inFlight } = line(instances(3))
    const signals: Record<string, AbortSignal> = {}
    const told: [string, Outcome][] = []
    const settle = selector.settle.bind(selector)
    selector.settle = (endpoint, outcome, ...more) => {
      told.push([endpoint.instance.id, outcome])
      settle(endpoint, outcome, ...more)
    }
    const result = call(({ id }, { signal }) => {
      signals[id] = signal
      return id === 'i1' ? new Promise((resolve) => clock.after(10, () => resolve(id))) : silent(signal)
    }, forking)
    await clock.settle()
    expect(called).toEqual(['i0', 'i1'])
    expect(inFlight()).toEqual([1, 1, 0])
    await clock.advance(10)
    expect(await result).toBe('i1')
    expect(told).toEqual([
      ['i1', 'ok'],
      ['i0', 'cancelled'],
    ])
    expect(signals['i0']!.reason).toMatchObject({ name: 'AbortError' })
    expect(inFlight()).toEqual([0, 0, 0])
    expect(clock.timers).toBe(0)
    await clock.advance(60_000)
    expect(signals['i1']!.aborted).toBe(false)
  })

  test('forks says how many; with fewer instances each is asked once', async () => {
    const five = line(instances(5))
    await five.call(() => 1, { ...forking, forks: 4 })
    expect(five.called).toEqual(['i0', 'i1', 'i2', 'i3'])
    const two = line(instances(2))
    await two.call(() => 1, { ...forking, forks: 4 })
    expect(two.called).toEqual(['i0', 'i1'])
    expect(two.inFlight()).toEqual([0, 0])
  })

  test('a failure waits for the others', async () => {
    const { call, clock, called } = line(instances(2))
    const result = call(
      ({ id }) =>
        id === 'i0' ? Promise.reject(new Error('x')) : new Promise((ok) => clock.after(50, () => ok(id))),
      forking,
    )
    await clock.advance(50)
    expect(await result).toBe('i1')
    expect(called).toEqual(['i0', 'i1'])
  })

  test('when all fail: CALL_FAILED with each, and no other attempt', async () => {
    const { call, called } = line(instances(3))
    const failed = await rejection(call(() => Promise.reject(fetchFailed('ECONNREFUSED')), forking))
    expect(failed).toMatchObject({ code: 'CALL_FAILED' })
    expect(failed.message).toMatch(/its 2 forks having failed: i0 .*; i1 /)
    expect(called).toEqual(['i0', 'i1'])
  })

  test('when the last to fail is a failed result, it is returned; earlier ones are ended', async () => {
    const { call, clock } = line(instances(2))
    const signals: AbortSignal[] = []
    const result = call(({ id }, { signal }) => {
      signals.push(signal)
      const answer = { status: 503, id }
      return id === 'i0' ? answer : new Promise((ok) => clock.after(9, () => ok(answer)))
    }, forking)
    await clock.advance(9)
    expect(await result).toEqual({ status: 503, id: 'i1' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  test('an answer in disguise ends it, and the others', async () => {
    const { call, inFlight } = line(instances(2))
    const error = Object.assign(new Error('no'), { status: 404 })
    expect(await rejection(call(({ id }) => (id === 'i0' ? Promise.reject(error) : silent()), forking))).toBe(
      error,
    )
    expect(inFlight()).toEqual([0, 0])
  })

  test('the caller’s abort ends all', async () => {
    const hangup = new AbortController()
    const { call, clock, inFlight } = line(instances(2))
    const signals: AbortSignal[] = []
    const failed = rejection(
      call((_, { signal }) => (signals.push(signal), silent()), { ...forking, signal: hangup.signal }),
    )
    await clock.settle()
    hangup.abort(new Error('enough'))
    expect((await failed).message).toBe('enough')
    expect(signals.map(({ reason }) => reason.message)).toEqual(['enough', 'enough'])
    expect(inFlight()).toEqual([0, 0])
    expect(clock.timers).toBe(0)
  })

  test('the budget does not limit it', async () => {
    const { call, called } = line(instances(2), { retryBudget: { share: 0, floorPerSecond: 0 } })
    await call(() => 1, forking)
    expect(called).toEqual(['i0', 'i1'])
  })

  test('needs idempotent', async () => {
    const { call, called } = line(instances(2))
    const error = await rejection(call(() => 1, { strategy: 'forking' }))
    expect(error.message).toMatch(/strategy is "forking", which may do the call twice: give idempotent: true/)
    expect(called).toEqual([])
  })
})
