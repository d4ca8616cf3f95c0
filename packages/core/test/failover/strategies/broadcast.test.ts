import { describe, expect, test } from 'vitest'
import { instance, instances } from '../../selection/helpers.js'
import { fetchFailed, line, rejection, silent } from '../helpers.js'

const broadcast = { strategy: 'broadcast' } as const

describe('broadcast', () => {
  test('asks all at once; the result is that of the first in the order of the set', async () => {
    const { call, clock, called, inFlight } = line(instances(3))
    const seen: string[] = []
    const result = call(({ id }) => {
      seen.push(id)
      return new Promise((ok) => clock.after(id === 'i0' ? 30 : 10, () => ok(id)))
    }, broadcast)
    await clock.settle()
    expect(called).toEqual(['i0', 'i1', 'i2'])
    expect(inFlight()).toEqual([1, 1, 1])
    await clock.advance(30)
    expect(await result).toBe('i0')
    expect(seen).toEqual(['i0', 'i1', 'i2'])
    expect(inFlight()).toEqual([0, 0, 0])
    expect(clock.timers).toBe(0)
  })

  test('fails when one fails, after all have ended, with the failures', async () => {
    const { call, clock, inFlight } = line(instances(3))
    const failed = rejection(
      call(
        ({ id }) => (id === 'i1' ? Promise.reject(new Error('x')) : id === 'i2' ? silent() : id),
        broadcast,
      ),
    )
    await clock.advance(1_999)
    expect(inFlight()).toEqual([0, 0, 1])
    await clock.advance(1)
    const error = await failed
    expect(error).toMatchObject({ code: 'CALL_FAILED' })
    expect(error.attempts).toMatchObject([
      { instanceId: 'i1', ms: 0 },
      { instanceId: 'i2', ms: 2_000 },
    ])
    expect(error.message).toMatch(/failed, 1 of 3 instances having succeeded \(share: 1\): i1 .*; i2 /)
  })

  test('share: so many are enough', async () => {
    const { call } = line(instances(4))
    const most = ({ id }: { id: string }): unknown => (id === 'i0' ? Promise.reject(new Error('x')) : id)
    expect(await call(most, { ...broadcast, share: 0.75 })).toBe('i1')
    expect((await rejection(call(most, { ...broadcast, share: 0.76 }))).message).toMatch(/3 of 4/)
    for (const n of [3, 7, 10]) {
      const { call } = line(instances(n))
      const one = ({ id }: { id: string }): unknown => (id === 'i0' ? id : Promise.reject(new Error('x')))
      expect(await call(one, { ...broadcast, share: Math.max(0.01, 1 / n) })).toBe('i0')
    }
  })

  test('a failed result, an answer in disguise and an AbortError are failures; what is left of results is ended', async () => {
    const { call, selector } = line(instances(3))
    const signals: AbortSignal[] = []
    const error = Object.assign(new Error('no'), { status: 404 })
    const failed = await rejection(
      call(({ id }, { signal }) => {
        signals.push(signal)
        if (id === 'i0') return { status: 500 }
        return Promise.reject(id === 'i1' ? error : new DOMException('mine', 'AbortError'))
      }, broadcast),
    )
    expect(failed.attempts).toHaveLength(3)
    expect(signals[0]!.aborted).toBe(true)
    expect(selector.endpoints.map((endpoint) => endpoint.consecutiveFailures)).toEqual([1, 0, 0])
  })

  test('asks those that are up, ejected or not; the candidates if none is', async () => {
    const { call, called } = line([
      instance('a'),
      instance('b', { status: 'down' }),
      instance('c', { status: 'draining' }),
      instance('d'),
    ])
    await rejection(
      call(({ id }) => (id === 'a' ? Promise.reject(fetchFailed('ECONNREFUSED')) : 1), broadcast),
    )
    await call(() => 1, broadcast)
    expect(called).toEqual(['a', 'd', 'a', 'd'])
    const leaving = line([instance('a', { status: 'draining' }), instance('b', { status: 'down' })])
    await leaving.call(() => 1, broadcast)
    expect(leaving.called).toEqual(['a'])
    const gone = line([instance('b', { status: 'down' })])
    expect(await rejection(gone.call(() => 1, broadcast))).toMatchObject({ code: 'NO_INSTANCES' })
  })

  test('one that has no room for another call counts as failed', async () => {
    const { call, clock } = line(instances(2), { maxInFlight: 1 })
    const hold = call(() => silent(), { attempts: 1 }).catch(() => {})
    const failed = await rejection(call(() => 1, broadcast))
    expect(failed.attempts).toMatchObject([{ instanceId: 'i0', error: { code: 'OVERLOADED' } }])
    expect(await call(({ id }) => id, { ...broadcast, share: 0.5 })).toBe('i1')
    await clock.advance(2_000)
    await hold
  })

  test('waits for the first snapshot', async () => {
    const { call, list, waits } = line()
    const result = call(({ id }) => id, broadcast)
    list(instances(2))
    expect(await result).toBe('i0')
    expect(waits()).toBe(1)
  })

  test('the caller’s abort ends all', async () => {
    const hangup = new AbortController()
    const { call, clock, inFlight } = line(instances(3))
    const failed = rejection(call(() => silent(), { ...broadcast, signal: hangup.signal }))
    await clock.settle()
    hangup.abort(new Error('enough'))
    expect((await failed).message).toBe('enough')
    expect(inFlight()).toEqual([0, 0, 0])
    expect(clock.timers).toBe(0)
  })
})
