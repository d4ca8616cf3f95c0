import { describe, expect, test } from 'vitest'
import type { CallOptions } from '../../../src/failover/call-options.js'
import { instances } from '../../selection/helpers.js'
import { fetchFailed, line, rejection, silent } from '../helpers.js'

const failback = { strategy: 'failback', fallback: 'later', idempotent: true } as const
const fail = (): Promise<never> => Promise.reject(new Error('x'))

/** Fails the first `n` times. */
function failing(n: number): () => unknown {
  let calls = 0
  return () => (++calls <= n ? fail() : 'done')
}

describe('failback', () => {
  test('a success is returned', async () => {
    const { call, told } = line(instances(1))
    expect(await call(() => 7, failback)).toBe(7)
    expect(told).toEqual([])
  })

  test('on an error the fallback at once, and a repetition after 5 s that tells its success', async () => {
    const { call, clock, called, told, caller } = line(instances(2))
    expect(await call(failing(1), failback)).toBe('later')
    expect(clock.now()).toBe(0)
    expect(called).toEqual(['i0'])
    expect(told).toEqual([
      { type: 'call.queued', error: expect.anything(), repeat: 1, inMs: 5_000, queued: 1 },
    ])
    await clock.advance(4_999)
    expect(called).toHaveLength(1)
    await clock.advance(1)
    expect(called).toHaveLength(2)
    expect(told.at(-1)).toEqual({ type: 'call.repeated', repeat: 1 })
    expect(caller.repeats.size).toBe(0)
    expect(clock.timers).toBe(0)
    expect(caller.counts).toMatchObject({ calls: 1, fallbacks: 1, repeats: 1, dropped: 0 })
  })

  test('at most three times, then it is dropped with the last error', async () => {
    const { call, clock, called, told, selector } = line(instances(1))
    expect(await call(fail, failback)).toBe('later')
    await clock.advance(60_000)
    expect(called).toHaveLength(4)
    expect(told.map(({ type }) => type)).toEqual([
      'call.queued',
      'call.queued',
      'call.queued',
      'call.dropped',
    ])
    expect(told.at(-1)).toMatchObject({ reason: 'times', repeats: 3, error: { code: 'CALL_FAILED' } })
    expect(selector.endpoints[0]).toMatchObject({ consecutiveFailures: 4, inFlight: 0 })
  })

  test('everyMs and times change that', async () => {
    const { call, clock, called } = line(instances(1))
    await call(fail, { ...failback, everyMs: 100, times: 5 })
    await clock.advance(500)
    expect(called).toHaveLength(6)
    await clock.advance(10_000)
    expect(called).toHaveLength(6)
  })

  test('each repetition has its number and a deadline of its own', async () => {
    const { call, clock, told } = line(instances(1))
    const numbers: number[] = []
    const result = call((_, { attempt }) => (numbers.push(attempt), silent()), {
      ...failback,
      deadlineMs: 300,
      times: 2,
    })
    await clock.advance(300)
    expect(await result).toBe('later')
    await clock.advance(11_000)
    expect(numbers).toEqual([1, 2, 3])
    expect(told.at(-1)).toMatchObject({ reason: 'times' })
    expect(clock.timers).toBe(0)
  })

  test('when nobody is there, or no answer of the store, it is repeated as well', async () => {
    const { call, clock, list, told } = line()
    const result = call(({ id }) => id, { ...failback, deadlineMs: 100 })
    await clock.advance(100)
    expect(await result).toBe('later')
    list([])
    await clock.advance(5_000)
    expect(told).toMatchObject([
      { type: 'call.queued', error: { code: 'TIMEOUT' } },
      { type: 'call.queued', error: { code: 'NO_INSTANCES' } },
    ])
    list(instances(1))
    await clock.advance(5_000)
    expect(told.at(-1)).toMatchObject({ type: 'call.repeated', repeat: 2 })
  })
})

describe('dropped, with a reason', () => {
  test('what may have happened and is not idempotent; what never left is repeated', async () => {
    const { call, called, clock, told, caller } = line(instances(1))
    expect(await call(fail, { ...failback, idempotent: false })).toBe('later')
    expect(told).toMatchObject([{ type: 'call.dropped', reason: 'unsafe', repeats: 0 }])
    expect(caller.counts.dropped).toBe(1)
    await call(() => Promise.reject(fetchFailed('ECONNREFUSED')), { ...failback, idempotent: false })
    await clock.advance(5_000)
    expect(called).toHaveLength(3)
  })

  test('what no repetition would mend', async () => {
    const { call, told, clock } = line(instances(1))
    const error = Object.assign(new Error('no'), { status: 404 })
    expect(await call(() => Promise.reject(error), failback)).toBe('later')
    expect(told).toEqual([{ type: 'call.dropped', error, reason: 'final', repeats: 0 }])
    expect(clock.timers).toBe(0)
  })

  test('what finds 100 waiting in the view; queue changes that', async () => {
    const { call, told, caller } = line(instances(1))
    for (let i = 0; i < 101; i++) await call(fail, failback)
    expect(caller.repeats.size).toBe(100)
    expect(told.at(-1)).toMatchObject({ type: 'call.dropped', reason: 'queue', repeats: 0 })
    await call(fail, { ...failback, queue: 101 })
    expect(caller.repeats.size).toBe(101)
    const none = line(instances(1))
    await none.call(fail, { ...failback, queue: 0 })
    expect(none.told).toMatchObject([{ reason: 'queue' }])
  })

  test('what waits when the view is closed, and what fails after', async () => {
    const { call, told, caller, close, clock } = line(instances(2))
    const slow = call(() => silent(), failback)
    await call(fail, failback)
    await call(fail, failback)
    close()
    expect(told.slice(2)).toMatchObject([{ reason: 'closed' }, { reason: 'closed' }])
    expect(caller.repeats.size).toBe(0)
    await clock.advance(2_000)
    expect(await slow).toBe('later')
    expect(told.at(-1)).toMatchObject({ type: 'call.dropped', reason: 'closed' })
    expect(told).toHaveLength(5)
    expect(clock.timers).toBe(0)
  })

  test('what is being repeated when the view is closed goes on for the last time', async () => {
    const { call, told, close, clock } = line(instances(1))
    let calls = 0
    await call(() => (++calls === 1 ? fail() : silent()), failback)
    await clock.advance(5_000)
    close()
    expect(told).toHaveLength(1)
    await clock.advance(2_000)
    expect(told.at(-1)).toMatchObject({ reason: 'closed', repeats: 1 })
  })

  test('what the caller aborts: while it waits, and while it is repeated', async () => {
    const hangup = new AbortController()
    const { call, told, clock, inFlight } = line(instances(1))
    let calls = 0
    const options: CallOptions<unknown, unknown> = { ...failback, signal: hangup.signal }
    await call(() => (++calls === 1 ? fail() : silent()), options)
    await clock.advance(4_000)
    await call(fail, options)
    await clock.advance(1_000)
    expect(inFlight()).toEqual([1])
    hangup.abort()
    await clock.settle()
    expect(told.slice(2)).toMatchObject([
      { type: 'call.dropped', reason: 'aborted', repeats: 0 },
      { type: 'call.dropped', reason: 'aborted', repeats: 1 },
    ])
    expect(inFlight()).toEqual([0])
    expect(clock.timers).toBe(0)
  })

  test('an abort during the first attempt rejects', async () => {
    const hangup = new AbortController()
    const { call, told, clock } = line(instances(1))
    const failed = rejection(call(() => silent(), { ...failback, signal: hangup.signal }))
    await clock.settle()
    hangup.abort(new Error('enough'))
    expect((await failed).message).toBe('enough')
    expect(told).toEqual([])
  })
})
