import { describe, expect, test } from 'vitest'
import { retryAfterMs } from '../../src/failover/retry-after.js'
import type { Instance } from '../../src/instance.js'
import { instances } from '../selection/helpers.js'
import { line, rejection } from './helpers.js'

const wall = Date.parse('2023-11-14T22:13:20Z')

describe('the header', () => {
  test.each([
    ['5', 5_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['100000', 300_000],
    ['Tue, 14 Nov 2023 22:13:30 GMT', 10_000],
    ['Tuesday, 14-Nov-23 22:13:30 GMT', 10_000],
    ['Tue Nov 14 22:13:30 2023 GMT', 10_000],
    ['Tue, 14 Nov 2023 22:13:10 GMT', 0],
    ['Tue, 14 Nov 2099 22:13:10 GMT', 300_000],
    ['-5', 0],
    ['1.5', 0],
    ['soon', 0],
    ['Mon, soon', 0],
    ['', 0],
  ])('%j is %i ms', (text, ms) => {
    expect(retryAfterMs({ headers: { 'retry-after': text } }, wall)).toBe(ms)
  })

  test.each([
    ['a Headers', { headers: new Headers({ 'Retry-After': '5' }) }],
    ['a Map', { headers: new Map([['retry-after', '5']]) }],
    ['an object of any case', { headers: { 'Retry-After': '5' } }],
    ['a list', { headers: { 'retry-after': ['5', '7'] } }],
    ['a number', { headers: { 'retry-after': 5 } }],
    ['the response of an error', { response: { headers: { 'retry-after': '5' } } }],
  ])('in %s', (_, answer) => {
    expect(retryAfterMs(answer, wall)).toBe(5_000)
  })

  test('is not found where there is none, and a getter that throws harms nobody', () => {
    const throwing = {
      headers: {
        get: () => {
          throw new Error('x')
        },
      },
    }
    for (const answer of [undefined, null, 'x', 5, {}, { headers: null }, { headers: {} }, throwing]) {
      expect(retryAfterMs(answer, wall)).toBe(0)
    }
  })
})

describe('a failed answer with Retry-After', () => {
  const busy = (seconds: number): object => ({ status: 503, headers: { 'retry-after': String(seconds) } })
  const idempotent = { idempotent: true }

  test('pauses its instance, idempotent or not', async () => {
    const { call, called, paused } = line(instances(2))
    await call(() => busy(20))
    expect(paused).toEqual([['i0', 20_000]])
    await call(() => 1)
    expect(called).toEqual(['i0', 'i1'])
  })

  test('a success with it does not', async () => {
    const { call, paused } = line(instances(2))
    await call(() => ({ status: 200, headers: { 'retry-after': '5' } }))
    await call(() => busy(5), { classify: () => 'ok' })
    expect(paused).toEqual([])
  })

  test('all others are asked at once, without pauses', async () => {
    const { call, clock, called, paused } = line(instances(4))
    expect(await call(({ id }) => (id === 'i3' ? id : busy(20)), { ...idempotent, attempts: 4 })).toBe('i3')
    expect(called).toEqual(['i0', 'i1', 'i2', 'i3'])
    expect(clock.now()).toBe(0)
    expect(paused).toHaveLength(3)
  })

  test('thrown by the client it counts as well', async () => {
    const { call, paused } = line(instances(2))
    const error = Object.assign(new Error('503'), { response: busy(3) })
    expect(await call(({ id }) => (id === 'i0' ? Promise.reject(error) : id), idempotent)).toBe('i1')
    expect(paused).toEqual([['i0', 3_000]])
  })

  test('when nobody else is left, it is waited for', async () => {
    const { call, clock, called } = line(instances(1))
    let calls = 0
    const result = call(() => (++calls === 1 ? busy(2) : clock.now()), idempotent)
    await clock.advance(1_999)
    expect(called).toEqual(['i0'])
    await clock.advance(1_000)
    expect(await result).toBeGreaterThanOrEqual(2_000)
    expect(called).toEqual(['i0', 'i0'])
  })

  test('the first of several to be free again is waited for', async () => {
    const { call, clock, called } = line(instances(2))
    const seconds: Record<string, number> = { i0: 8, i1: 3 }
    const at: number[] = []
    const result = call(({ id }: Instance) => {
      at.push(clock.now())
      return called.length > 2 ? id : busy(seconds[id]!)
    }, idempotent)
    await clock.advance(4_000)
    expect(await result).toBe('i1')
    expect(at[2]).toBeGreaterThanOrEqual(3_000)
    expect(at[2]).toBeLessThan(3_300)
  })

  test('beyond the deadline the answer is returned at once, an error is thrown', async () => {
    const { call, clock, called } = line(instances(1))
    expect(await call(() => busy(60), idempotent)).toMatchObject({ status: 503 })
    expect(clock.now()).toBe(0)
    expect(called).toEqual(['i0'])
    const error = Object.assign(new Error('503'), { response: busy(60) })
    const failed = await rejection(line(instances(1)).call(() => Promise.reject(error), idempotent))
    expect(failed.message).toMatch(/a Retry-After outlasting its deadline of 10000 ms: i0/)
  })

  test('the caller may hang up meanwhile', async () => {
    const caller = new AbortController()
    const { call, clock } = line(instances(1))
    const failed = rejection(call(() => busy(5), { ...idempotent, signal: caller.signal }))
    await clock.advance(1_000)
    caller.abort(new Error('enough'))
    expect((await failed).message).toBe('enough')
    expect(clock.timers).toBe(0)
  })
})
