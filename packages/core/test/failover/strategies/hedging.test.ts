import { describe, expect, test } from 'vitest'
import type { CallContext } from '../../../src/failover/call.js'
import type { Instance } from '../../../src/instance.js'
import { instances } from '../../selection/helpers.js'
import { fetchFailed, line, rejection, silent, type Line } from '../helpers.js'

const hedging = { strategy: 'hedging', idempotent: true } as const
const after50 = { ...hedging, hedgeAfterMs: 50 } as const

/** Answers with its id after as many milliseconds as it is given, or never. */
function answering({ clock }: Line, times: Record<string, number>, signals: AbortSignal[] = []) {
  return ({ id }: Instance, { signal }: CallContext): unknown => {
    signals.push(signal)
    const ms = times[id]
    return ms === undefined ? silent(signal) : new Promise((resolve) => clock.after(ms, () => resolve(id)))
  }
}

describe('hedging', () => {
  test('nobody else is asked while the first is quick', async () => {
    const set = line(instances(2))
    const result = set.call(answering(set, { i0: 49 }), after50)
    await set.clock.advance(49)
    expect(await result).toBe('i0')
    expect(set.called).toEqual(['i0'])
    expect(set.clock.timers).toBe(0)
    expect(set.told).toEqual([])
  })

  test('after hedgeAfterMs another is asked; the first success wins, the other is aborted', async () => {
    const set = line(instances(3))
    const signals: AbortSignal[] = []
    const result = set.call(answering(set, { i1: 20 }, signals), after50)
    await set.clock.advance(50)
    expect(set.called).toEqual(['i0', 'i1'])
    expect(set.told).toEqual([{ type: 'call.hedged', id: 'i1', afterMs: 50 }])
    await set.clock.advance(20)
    expect(await result).toBe('i1')
    expect(set.inFlight()).toEqual([0, 0, 0])
    expect(set.selector.endpoints[0]!.consecutiveFailures).toBe(1)
    expect(set.selector.endpoints[0]!.windowCalls).toBe(0)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(signals[0]!.reason).toMatchObject({ name: 'AbortError' })
    expect(set.caller.counts).toMatchObject({ hedges: 1, hedgesWon: 1, retries: 0 })
    expect(set.clock.timers).toBe(0)
  })

  test('an instance that hedges overtake five times in a row is ejected, the one that answered is not', async () => {
    const set = line(instances(2))
    for (let call = 0; call < 5; call++) {
      const result = set.call(answering(set, { i1: 20 }), after50)
      await set.clock.advance(70)
      expect(await result).toBe('i1')
    }
    expect(set.selector.exclusions()).toMatchObject([{ id: 'i0', reason: 'failing' }])
    const [overtaken, winner] = set.selector.endpoints
    expect(overtaken).toMatchObject({ ejectedFor: 'failures', windowCalls: 0 })
    expect(winner).toMatchObject({ consecutiveFailures: 0, windowCalls: 5 })
  })

  test('a hedge that loses is no fault of its instance', async () => {
    const set = line(instances(2))
    const result = set.call(answering(set, { i0: 60 }), after50)
    await set.clock.advance(60)
    expect(await result).toBe('i0')
    expect(set.selector.endpoints[1]!.consecutiveFailures).toBe(0)
  })

  test('the first may still win', async () => {
    const set = line(instances(2))
    const result = set.call(answering(set, { i0: 60, i1: 60 }), after50)
    await set.clock.advance(60)
    expect(await result).toBe('i0')
    expect(set.caller.counts).toMatchObject({ hedges: 1, hedgesWon: 0 })
    expect(set.inFlight()).toEqual([0, 0])
  })

  test('hedgeAfterMs: 0 asks at once; hedges says how many', async () => {
    const set = line(instances(5))
    const result = set.call(answering(set, { i2: 30 }), { ...hedging, hedgeAfterMs: 10, hedges: 2 })
    await set.clock.advance(50)
    expect(await result).toBe('i2')
    expect(set.called).toEqual(['i0', 'i1', 'i2'])
    const now = line(instances(5))
    const both = now.call(answering(now, { i1: 1 }), { ...hedging, hedgeAfterMs: 0 })
    await now.clock.advance(1)
    expect(await both).toBe('i1')
  })

  test('hedges count among the attempts', async () => {
    const set = line(instances(5))
    const failed = rejection(
      set.call(() => silent(), { ...hedging, hedgeAfterMs: 10, hedges: 5, attempts: 3 }),
    )
    await set.clock.advance(10_000)
    expect((await failed).attempts).toHaveLength(3)
    expect((await failed).message).toMatch(/its 3 attempts being used/)
    expect(set.called).toEqual(['i0', 'i1', 'i2'])
  })

  test('draws on the budget', async () => {
    const set = line(instances(2), { retryBudget: { share: 0, floorPerSecond: 0 } })
    const result = set.call(answering(set, { i0: 500 }), after50)
    await set.clock.advance(500)
    expect(await result).toBe('i0')
    expect(set.called).toEqual(['i0'])
    expect(set.inFlight()).toEqual([0, 0])
    expect(set.told).toMatchObject([{ type: 'call.budget' }])
  })

  test('goes to somebody else or to nobody', async () => {
    const set = line(instances(1))
    const result = set.call(answering(set, { i0: 500 }), after50)
    await set.clock.advance(500)
    expect(await result).toBe('i0')
    expect(set.called).toEqual(['i0'])
    expect(set.caller.counts).toMatchObject({ hedges: 0, refused: 0 })
  })

  test('a failure before the delay starts the next at once, as in failover', async () => {
    const set = line(instances(3))
    const result = set.call(({ id }) => (id === 'i0' ? Promise.reject(new Error('x')) : id), after50)
    expect(await result).toBe('i1')
    expect(set.clock.now()).toBe(0)
    expect(set.caller.counts).toMatchObject({ hedges: 0, retries: 1 })
  })

  test('the next one may be hedged in turn', async () => {
    const set = line(instances(3))
    const result = set.call(
      ({ id }, context) =>
        id === 'i0'
          ? Promise.reject(fetchFailed('ECONNREFUSED'))
          : answering(set, { i2: 5 })(fake(id), context),
      after50,
    )
    await set.clock.advance(55)
    expect(await result).toBe('i2')
    expect(set.called).toEqual(['i0', 'i1', 'i2'])
  })

  test('a failure beside one under way waits for it', async () => {
    const set = line(instances(3))
    const result = set.call(
      ({ id }) =>
        new Promise((ok, no) =>
          set.clock.after(id === 'i0' ? 60 : 100, () => (id === 'i0' ? no(new Error('x')) : ok(id))),
        ),
      after50,
    )
    await set.clock.advance(60)
    expect(set.called).toEqual(['i0', 'i1'])
    await set.clock.advance(100)
    expect(await result).toBe('i1')
    expect(set.called).toEqual(['i0', 'i1'])
  })

  test('when all fail, CALL_FAILED holds every attempt', async () => {
    const set = line(instances(2))
    const failed = rejection(set.call(() => silent(), { ...after50, attempts: 2, attemptTimeoutMs: 200 }))
    await set.clock.advance(300)
    expect((await failed).attempts).toMatchObject([
      { instanceId: 'i0', ms: 200 },
      { instanceId: 'i1', ms: 200 },
    ])
    expect(set.inFlight()).toEqual([0, 0])
  })

  test('a failed result is returned when it is the last word, and ended when it is not', async () => {
    const set = line(instances(2))
    const signals: AbortSignal[] = []
    const result = set.call(
      ({ id }, { signal }) => {
        signals.push(signal)
        return new Promise((ok) => set.clock.after(id === 'i0' ? 60 : 80, () => ok({ status: 503, id })))
      },
      { ...after50, attempts: 2 },
    )
    await set.clock.advance(200)
    expect(await result).toEqual({ status: 503, id: 'i1' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  test('the deadline spans all; the caller’s abort ends all', async () => {
    const set = line(instances(2))
    const failed = rejection(set.call(() => silent(), { ...after50, deadlineMs: 100 }))
    await set.clock.advance(100)
    expect((await failed).attempts.map(({ ms }: { ms: number }) => ms)).toEqual([100, 50])
    const hangup = new AbortController()
    const aborted = rejection(set.call(() => silent(), { ...after50, signal: hangup.signal }))
    await set.clock.advance(60)
    expect(set.inFlight()).toEqual([1, 1])
    hangup.abort(new Error('enough'))
    expect((await aborted).message).toBe('enough')
    expect(set.inFlight()).toEqual([0, 0])
    expect(set.clock.timers).toBe(0)
  })

  test('a balancer that throws at the hedge ends the call and leaves nothing behind', async () => {
    let picks = 0
    const set = line(instances(2), { balancer: (all) => (++picks === 1 ? all[0] : undefined) })
    const failed = rejection(set.call(() => silent(), after50))
    await set.clock.advance(50)
    expect(await failed).toMatchObject({ code: 'BAD_BALANCER' })
    expect(set.inFlight()).toEqual([0, 0])
    expect(set.clock.timers).toBe(0)
  })

  test('needs idempotent and room for a second attempt', async () => {
    const { call } = line(instances(2))
    const unsafe = await rejection(call(() => 1, { strategy: 'hedging' }))
    expect(unsafe.message).toMatch(/"hedging", which may do the call twice: give idempotent: true/)
    const single = await rejection(call(() => 1, { ...hedging, attempts: 1 }))
    expect(single.message).toMatch(/"hedging", which conflicts with attempts: 1: give attempts: 2 or more/)
  })
})

describe('the delay by default', () => {
  const slow = async (set: Line): Promise<number> => {
    const startedAt = set.clock.now()
    const result = set.call(answering(set, { i1: 1 }), hedging)
    await set.clock.advance(2_000)
    await result
    const hedged = set.told.at(-1)
    return hedged?.type === 'call.hedged' ? hedged.afterMs : set.clock.now() - startedAt
  }
  const quick = async (set: Line, ms: number, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const result = set.call(answering(set, { i0: ms }), { idempotent: true })
      await set.clock.advance(ms)
      await result
    }
  }

  test('is half the attempt timeout while little is known', async () => {
    expect(await slow(line(instances(2)))).toBe(1_000)
    const set = line(instances(2))
    const result = set.call(answering(set, { i1: 1 }), { ...hedging, attemptTimeoutMs: 300 })
    await set.clock.advance(151)
    expect(await result).toBe('i1')
  })

  test('is the 95th percentile of the view’s successful calls, whatever their strategy', async () => {
    const set = line(instances(2))
    await set.call(() => 1, hedging)
    await quick(set, 20, 30)
    const ms = await slow(set)
    expect(ms).toBeGreaterThanOrEqual(20)
    expect(ms).toBeLessThan(22)
  })

  test('does not fall by what the hedges cut short', async () => {
    const set = line(instances(2))
    await set.call(() => 1, hedging)
    await quick(set, 20, 30)
    for (let i = 0; i < 40; i++) await slow(set)
    expect(await slow(set)).toBeGreaterThanOrEqual(20)
  })
})

function fake(id: string): Instance {
  return { id } as Instance
}
