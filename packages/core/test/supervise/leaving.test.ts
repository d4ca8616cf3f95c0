import { describe, expect, it } from 'vitest'
import { hangs, ignoresAbort, ScriptedAdapter, ScriptedLease, throws } from '@rollcall/testing'
import type { LeaveOptions } from '@rollcall/core'
import { rejections, setup, watched } from '../helpers.js'

const down = new Error('connection refused')

async function announced() {
  const made = await setup()
  const announcement = await made.registry.announce({ service: 'orders', port: 80, id: 'a' })
  return { ...made, announcement }
}

describe('leave', () => {
  it('marks the instance draining, lingers, releases, and drains last', async () => {
    const { adapter, clock, announcement, types, events } = await announced()
    const drained: number[] = []
    const left = watched(
      announcement.leave({ drain: async () => void drained.push(adapter.releasing.count) }),
    )
    await clock.advance(499)
    expect(adapter.registering.calls.at(-1)![0].status).toBe('draining')
    expect(adapter.releasing.count).toBe(0)
    await clock.advance(1)
    await clock.settle()
    expect(left.value).toEqual({ released: true, drained: true })
    expect(drained).toEqual([1])
    expect(announcement.state).toBe('left')
    expect(events.at(-1)).toMatchObject({ type: 'announcement.left', released: true })
    expect(types()).toEqual(['announcement.registered', 'announcement.left'])
    expect(clock.timers).toBe(0)
    await clock.advance(60_000)
    expect(adapter.registering.count).toBe(2)
    await expect(announcement.leave()).resolves.toEqual({ released: true, drained: true })
    await expect(announcement.registered()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('does not linger where the mark was not taken, and tries to release until it succeeds', async () => {
    const { adapter, clock, announcement } = await announced()
    adapter.registering.always(throws(down))
    adapter.releasing.next(throws(down), throws(down))
    const left = watched(announcement.leave({ lingerMs: 10_000 }))
    await clock.advance(400)
    expect(left.value).toEqual({ released: true, drained: true })
    expect(adapter.releasing.count).toBe(3)
  })

  it('offers no `down` instance to anybody by marking it draining', async () => {
    const { adapter, clock, announcement } = await announced()
    await announcement.update({ status: 'down' })
    const left = watched(announcement.leave())
    await clock.settle()
    expect(left.settled).toBe(true)
    expect(adapter.registering.calls.map(([{ status }]) => status)).toEqual(['up', 'down'])
  })

  it('waits for a write under way, and only then releases', async () => {
    const { adapter, clock, announcement } = await announced()
    let finish = (): void => {}
    adapter.registering.next(
      () => new Promise((resolve) => (finish = () => resolve(new ScriptedLease(15_000)))),
    )
    void announcement.update({ weight: 2 })
    await clock.settle()
    // The mark needs a write of its own, behind this one: the deadline comes first.
    const left = watched(announcement.leave({ deadlineMs: 2_000 }))
    await clock.advance(1_000)
    expect(adapter.releasing.count).toBe(0)
    adapter.registering.always(hangs())
    finish()
    await clock.advance(1_000)
    await clock.settle()
    expect(left.settled).toBe(true)
    const lease = adapter.leases.at(-1)!
    const beats = lease.renewing.count
    await clock.advance(60_000)
    expect(lease.renewing.count).toBe(beats)
    expect(clock.timers).toBe(0)
  })

  it('releases after a write that was under way when the registry is closed', async () => {
    const { adapter, registry, clock, announcement } = await announced()
    let finish = (): void => {}
    adapter.registering.next(
      () => new Promise((resolve) => (finish = () => resolve(new ScriptedLease(15_000)))),
    )
    void announcement.update({ weight: 2 })
    await clock.settle()
    const closed = watched(registry.close())
    await clock.advance(1_000)
    expect(adapter.releasing.count).toBe(0)
    finish()
    await clock.settle()
    expect(adapter.releasing.count).toBe(1)
    expect(closed.settled).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it.each([
    ['hangs', hangs()],
    ['hears no signal', ignoresAbort()],
    ['fails', throws(down)],
  ])('ends within its deadline when the store %s', async (_, step) => {
    const { adapter, clock, announcement, events } = await announced()
    adapter.registering.always(step)
    adapter.releasing.always(step)
    const left = watched(announcement.leave({ deadlineMs: 20_000, drain: async () => {} }))
    await clock.advance(20_000)
    await clock.settle()
    expect(left.value).toMatchObject({ released: false })
    expect(events.at(-1)).toMatchObject({ type: 'announcement.left', released: false })
    expect(clock.timers).toBe(0)
  })

  it('leaves at once from a queue of a thousand before a store that hangs', async () => {
    const { adapter, registry, clock } = await setup()
    adapter.registering.next(throws(down))
    const late = await registry.announce({ service: 'orders', port: 80, id: 'late' })
    adapter.registering.always(hangs())
    for (let i = 0; i < 100; i++)
      void registry.announce({ service: 'orders', port: 80, id: `i${i}` }).catch(() => {})
    await clock.advance(100)
    const left = watched(late.leave())
    await clock.settle()
    expect(left.value).toEqual({ released: true, drained: true })
    const closed = watched(registry.close())
    await clock.advance(5_000)
    await clock.settle()
    expect(closed.settled).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it.each([
    ['hangs', () => new Promise(() => {}), 0],
    ['throws', () => Promise.reject(new Error('busy')), 1],
  ])('tells when the drain %s', async (_, drain, failures) => {
    const { clock, announcement, count } = await announced()
    let aborted = false
    const left = watched(
      announcement.leave({
        deadlineMs: 1_000,
        drain: (signal) => {
          signal.addEventListener('abort', () => (aborted = true))
          return drain()
        },
      }),
    )
    await clock.advance(1_000)
    await clock.settle()
    expect(left.value).toEqual({ released: true, drained: false })
    expect(aborted).toBe(failures === 0)
    expect(count('listener.failed')).toBe(failures)
    expect(clock.timers).toBe(0)
  })

  it.each<[LeaveOptions, string]>([
    [{ deadlineMs: -1 }, 'BAD_OPTION'],
    [{ deadlineMs: Number.NaN }, 'BAD_OPTION'],
    [{ lingerMs: '5' as never }, 'BAD_OPTION'],
    [{ drain: 5 as never }, 'BAD_OPTION'],
    [{ deadline: 5 } as never, 'UNKNOWN_OPTION'],
  ])('rejects %o', async (options, code) => {
    const { announcement } = await announced()
    await expect(announcement.leave(options)).rejects.toMatchObject({ code })
    expect(announcement.state).toBe('registered')
  })
})

describe('an instance that left while the store could not be told', () => {
  const aDay = 86_400_000

  async function leftBehind(sharedLease: boolean) {
    const made = await setup({ adapter: new ScriptedAdapter({ sharedLease }) })
    const { adapter, registry, clock } = made
    const announcement = await registry.announce({ service: 'orders', port: 80, id: 'a' })
    await registry.announce({ service: 'orders', port: 81, id: 'b' })
    adapter.registering.always(throws(down))
    adapter.releasing.always(throws(down))
    const left = watched(announcement.leave({ deadlineMs: 1_000 }))
    await clock.advance(1_000)
    await clock.settle()
    expect(left.value).toEqual({ released: false, drained: true })
    const { releasing } = adapter
    return { ...made, released: () => releasing.calls.map(([{ id, incarnation }]) => ({ id, incarnation })) }
  }

  it('is released later where others keep its lease alive', async () => {
    const { adapter, clock, registry, released } = await leftBehind(true)
    await clock.advance(60_000)
    const tried = released().length
    expect(tried).toBeGreaterThan(10)
    adapter.releasing.always(() => {})
    await clock.advance(10_000)
    expect(released()).toHaveLength(tried + 1)
    await clock.advance(aDay)
    expect(new Set(released().map(({ id }) => id))).toEqual(new Set(['a']))
    expect(released()).toHaveLength(tried + 1)
    await registry.close()
    expect(clock.timers).toBe(0)
  })

  it('is left to its TTL where nobody else keeps its lease alive', async () => {
    const { clock, released } = await leftBehind(false)
    const tried = released().length
    await clock.advance(60_000)
    expect(released()).toHaveLength(tried)
  })

  it('is forgotten once its id is announced anew', async () => {
    const { adapter, clock, registry, released } = await leftBehind(true)
    adapter.registering.always((_, ttlMs) => new ScriptedLease(ttlMs))
    await registry.announce({ service: 'orders', port: 80, id: 'a' })
    const tried = released().length
    await clock.advance(60_000)
    expect(released()).toHaveLength(tried)
  })

  it('holds up no close', async () => {
    const { adapter, clock, registry } = await leftBehind(true)
    adapter.releasing.always(hangs())
    await clock.advance(10_000)
    const closed = watched(registry.close())
    await clock.advance(5_000)
    await clock.settle()
    expect(closed.settled).toBe(true)
    expect(clock.timers).toBe(0)
  })
})

describe('close', () => {
  it('releases everything, closes the adapter, and leaves no timer', async () => {
    const { adapter, registry, clock, count } = await announced()
    await registry.announce({ service: 'users', port: 81 })
    adapter.list('orders', [])
    const view = registry.service('orders')
    void view.snapshot
    await clock.advance(300)
    await registry.close()
    expect(adapter.releasing.count).toBe(2)
    expect(adapter.closing.count).toBe(1)
    expect(count('announcement.left')).toBe(2)
    expect(clock.timers).toBe(0)
    expect(adapter.waiting('orders')).toBe(0)
    expect(() => registry.service('orders')).toThrow('closed')
    await expect(registry.announce({ service: 'orders', port: 80 })).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => view.pick()).toThrow('closed')
  })

  it.each([
    ['hangs', hangs()],
    ['hears no signal', ignoresAbort()],
    ['fails', throws(down)],
  ])('ends within 5 s when the store %s, whatever is under way', async (_, step) => {
    const { seen, stop } = rejections()
    const { adapter, registry, clock, announcement } = await announced()
    for (const script of [adapter.registering, adapter.releasing, adapter.closing, adapter.watching]) {
      script.always(step)
    }
    adapter.leases[0]!.renewing.always(step)
    void announcement.update({ weight: 2 })
    void registry.announce({ service: 'orders', port: 80, id: 'b' }).catch(() => {})
    const waiting = [
      watched(registry.service('orders').ready()),
      watched(registry.service('orders').watch().next()),
      watched(registry.watchServices().next()),
    ]
    await clock.advance(3_000)
    const closed = watched(registry.close())
    await clock.advance(4_999)
    await clock.advance(1)
    await clock.settle()
    expect(closed).toEqual({ settled: true, value: undefined })
    expect(waiting.every(({ settled }) => settled)).toBe(true)
    expect(clock.timers).toBe(0)
    stop()
    expect(seen).toEqual([])
  })

  it('cuts a patient leave short', async () => {
    const { adapter, registry, clock, announcement } = await announced()
    const left = watched(announcement.leave({ lingerMs: 20_000 }))
    await clock.advance(100)
    await registry.close()
    await clock.settle()
    expect(left.value).toEqual({ released: true, drained: true })
    expect(adapter.releasing.count).toBe(1)
    expect(clock.timers).toBe(0)
  })

  it('cuts a leave short that waits for a dead store', async () => {
    const { adapter, registry, clock, announcement } = await announced()
    adapter.registering.always(hangs())
    adapter.releasing.always(hangs())
    const left = watched(announcement.leave({ deadlineMs: 60_000 }))
    await clock.advance(7_000)
    const closed = watched(registry.close())
    await clock.advance(5_000)
    await clock.settle()
    expect(closed.settled).toBe(true)
    expect(left.value).toEqual({ released: false, drained: true })
    expect(clock.timers).toBe(0)
  })

  it('may be asked for twice, and by `await using`', async () => {
    const { adapter, registry } = await announced()
    await Promise.all([registry.close(), registry.close(), registry[Symbol.asyncDispose]()])
    expect(adapter.closing.count).toBe(1)
  })

  it('rejects what was being announced', async () => {
    const { adapter, registry } = await setup()
    adapter.registering.always(throws(down))
    const announcement = await registry.announce({ service: 'orders', port: 80 })
    const other = registry.announce({ service: 'orders', port: 81 })
    const waiting = announcement.registered()
    const closed = registry.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(other).rejects.toMatchObject({ code: 'CLOSED' })
    await closed
  })
})
