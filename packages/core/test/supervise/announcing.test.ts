import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { hangs, ignoresAbort, ScriptedAdapter, ScriptedLease, throws } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import { instance, setup, watched } from '../helpers.js'

const orders = { service: 'orders', port: 80, id: 'a' }
const down = new Error('connection refused')
const refused = new RollcallError('MISCONFIGURED', 'bad token')

describe('announce', () => {
  it('resolves after a first attempt that succeeded', async () => {
    const { adapter, registry, events } = await setup()
    const announcement = await registry.announce(orders)
    expect(announcement.state).toBe('registered')
    expect(adapter.registering.calls[0]![0]).toMatchObject({
      id: 'a',
      host: '127.0.0.1',
      status: 'up',
      weight: 1,
    })
    expect(adapter.registering.calls[0]![1]).toBe(15_000)
    expect(events).toMatchObject([
      { type: 'announcement.registered', service: 'orders', id: 'a', ttlMs: 15_000 },
    ])
    await announcement.registered()
  })

  it('resolves after a first attempt that failed, and goes on trying', async () => {
    const { adapter, registry, clock, types } = await setup()
    adapter.registering.next(throws(down), throws(down))
    const announcement = await registry.announce(orders)
    expect(announcement.state).toBe('registering')
    expect(announcement.error).toMatchObject({ code: 'UNAVAILABLE', message: 'scripted: connection refused' })
    const registered = watched(announcement.registered())
    await clock.advance(400)
    expect(announcement.state).toBe('registered')
    expect(announcement.error).toBeUndefined()
    expect(registered.settled).toBe(true)
    expect(types()).toEqual(['announcement.retrying', 'announcement.retrying', 'announcement.registered'])
  })

  it('resolves within the limit of one attempt when the store hangs and hears no signal', async () => {
    const { adapter, registry, clock } = await setup()
    adapter.registering.next(ignoresAbort())
    const announced = watched(registry.announce(orders))
    await clock.advance(4_999)
    expect(announced.settled).toBe(false)
    await clock.advance(1)
    await clock.settle()
    expect(announced.value).toMatchObject({ state: 'registering', error: { code: 'TIMEOUT' } })
  })

  it.each(['MISCONFIGURED', 'REPLACED', 'BAD_OPTION', 'READ_ONLY', 'UNSUPPORTED'] as const)(
    'rejects with %s and keeps nothing',
    async (code) => {
      const { adapter, registry, clock } = await setup()
      adapter.registering.next(throws(new RollcallError(code, 'no')))
      await expect(registry.announce(orders)).rejects.toMatchObject({ code })
      expect(clock.timers).toBe(0)
      await clock.advance(600_000)
      expect(adapter.registering.count).toBe(1)
      expect(adapter.releasing.count).toBe(0)
      await expect(registry.announce(orders)).resolves.toMatchObject({ state: 'registered' })
    },
  )

  it('rejects with READ_ONLY where nothing can be registered', async () => {
    const { registry } = await setup({ adapter: new ScriptedAdapter({ register: false }) })
    await expect(registry.announce(orders)).rejects.toMatchObject({ code: 'READ_ONLY' })
  })

  it('rejects with BAD_OPTION for an id that is announced already, until that one has left', async () => {
    const { registry, adapter, clock } = await setup()
    const first = await registry.announce(orders)
    await expect(registry.announce(orders)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    expect(adapter.registering.count).toBe(1)
    const left = first.leave({ lingerMs: 0 })
    await expect(registry.announce(orders)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    await clock.advance(0)
    await left
    await registry.announce(orders)
  })

  it('tells of a TTL that was granted unlike asked', async () => {
    const { adapter, registry, events } = await setup()
    adapter.registering.next(() => new ScriptedLease(10_000))
    await registry.announce(orders)
    expect(events[1]).toMatchObject({ type: 'announcement.ttl', askedMs: 15_000, grantedMs: 10_000 })
  })

  it('tries a refused token slowly once it was registered, and tells who waits', async () => {
    const { adapter, registry, clock } = await setup()
    adapter.registering.next(throws(down)).always(throws(refused))
    const announcement = await registry.announce(orders)
    const waiting = watched(announcement.registered())
    await clock.advance(200)
    expect(waiting.error).toMatchObject({ code: 'MISCONFIGURED' })
    expect(adapter.registering.count).toBe(2)
    await clock.advance(14_000)
    expect(adapter.registering.count).toBe(2)
    await clock.advance(31_000)
    expect(adapter.registering.count).toBe(3)
    adapter.registering.always(() => new ScriptedLease(15_000))
    await clock.advance(46_000)
    expect(announcement.state).toBe('registered')
  })

  it('leaves no listener on the signal of who waits', async () => {
    const { adapter, registry, clock } = await setup()
    adapter.registering.next(throws(down))
    const announcement = await registry.announce(orders)
    const abort = new AbortController()
    const waiting = announcement.registered({ signal: abort.signal })
    await clock.advance(200)
    await waiting
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
    adapter.registering.next(throws(down))
    await expect(announcement.registered({ signal: AbortSignal.abort('no') })).resolves.toBeUndefined()
  })
})

describe('update', () => {
  it('registers again, in place: the old lease beats until the new one is there', async () => {
    const { adapter, registry, clock, types } = await setup()
    const announcement = await registry.announce(orders)
    await announcement.update({ weight: 5 })
    expect(adapter.registering.calls[1]![0]).toMatchObject({
      weight: 5,
      incarnation: announcement.instance.incarnation,
    })
    expect(adapter.leases).toHaveLength(2)
    await clock.advance(6_000)
    expect(adapter.leases.map(({ renewing }) => renewing.count)).toEqual([0, 1])
    expect(types()).toEqual(['announcement.registered'])
  })

  it('keeps the old lease beating during an outage, and writes the newest wish when it is over', async () => {
    const { adapter, registry, clock } = await setup()
    const announcement = await registry.announce(orders)
    adapter.registering.always(throws(down))
    await announcement.update({ weight: 5 })
    expect(announcement).toMatchObject({ state: 'registered', error: { code: 'UNAVAILABLE' } })
    void announcement.update({ weight: 6 })
    await clock.advance(60_000)
    expect(announcement.state).toBe('registered')
    expect(adapter.leases[0]!.renewing.count).toBeGreaterThan(10)
    adapter.registering.always(() => new ScriptedLease(15_000))
    await clock.advance(5_000)
    expect(adapter.registering.calls.at(-1)![0].weight).toBe(6)
    expect(announcement.error).toBeUndefined()
  })

  it('waits for a write under way: no two writes of an id overlap, and the last wish wins', async () => {
    const { adapter, registry, clock } = await setup()
    let open = 0
    let most = 0
    adapter.registering.always(async () => {
      most = Math.max(most, ++open)
      await new Promise<void>((resolve) => void clock.after(1_000, resolve))
      open--
      return new ScriptedLease(15_000)
    })
    const announced = registry.announce(orders)
    await clock.advance(1_000)
    const announcement = await announced
    const updates = [1, 2, 3, 4, 5].map((weight) => watched(announcement.update({ weight: weight * 10 })))
    await clock.advance(500)
    void announcement.update({ weight: 99 })
    await clock.advance(5_000)
    expect(most).toBe(1)
    expect(updates.every(({ settled }) => settled)).toBe(true)
    expect(adapter.registering.calls.map(([{ weight }]) => weight)).toEqual([1, 50, 99])
  })

  it('writes nothing for a change that changes nothing', async () => {
    const { adapter, registry } = await setup()
    const announcement = await registry.announce({ ...orders, tags: ['x'], metadata: { a: '1' } })
    await announcement.update({ weight: 1, tags: ['x'], metadata: { a: '1' } })
    expect(adapter.registering.count).toBe(1)
  })

  it('rejects what announce would reject, and an announcement that has ended', async () => {
    const { registry } = await setup()
    const announcement = await registry.announce(orders)
    await expect(announcement.update({ weight: -1 })).rejects.toMatchObject({ code: 'BAD_OPTION' })
    await expect(announcement.update({ port: 5 } as never)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
    await registry.close()
    await expect(announcement.update({ weight: 2 })).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('replaced', () => {
  it('gives way when registering says so: one event, no more writes', async () => {
    const { adapter, registry, clock, count } = await setup()
    const announcement = await registry.announce(orders)
    adapter.registering.always(throws(new RollcallError('REPLACED', 'newer')))
    await announcement.update({ weight: 2 })
    expect(announcement.state).toBe('replaced')
    const { count: writes } = adapter.registering
    await clock.advance(600_000)
    expect(adapter.registering.count).toBe(writes)
    expect(adapter.leases[0]!.renewing.count).toBe(0)
    expect(count('announcement.replaced')).toBe(1)
    await expect(announcement.registered()).rejects.toMatchObject({ code: 'REPLACED' })
    await expect(announcement.leave()).resolves.toEqual({ released: false, drained: true })
    expect(adapter.releasing.count).toBe(0)
    expect(count('announcement.left')).toBe(0)
    expect(clock.timers).toBe(0)
  })

  it.each(['registered', 'lost'] as const)(
    'gives way when a newer incarnation is listed while it is %s',
    async (state) => {
      const { adapter, registry, clock, count } = await setup()
      const announcement = await registry.announce(orders)
      if (state === 'lost') {
        adapter.registering.always(throws(down))
        adapter.leases[0]!.lose()
        await clock.settle()
      }
      expect(announcement.state).toBe(state)
      const view = registry.service('orders')
      void view.snapshot
      const before = adapter.registering.count
      adapter.list('orders', [instance('a', { incarnation: 'zzz' })])
      await clock.settle()
      adapter.list('orders', [instance('a', { incarnation: 'zzzz' })])
      await clock.advance(60_000)
      expect(announcement.state).toBe('replaced')
      expect(count('announcement.replaced')).toBe(1)
      expect(adapter.registering.count).toBe(before)
      await registry.close()
      expect(clock.timers).toBe(0)
    },
  )

  it('gives way when a heartbeat says so, without the word lost', async () => {
    const { adapter, registry, clock, types } = await setup()
    const announcement = await registry.announce(orders)
    adapter.leases[0]!.renewing.always(throws(new RollcallError('REPLACED', 'newer')))
    await clock.advance(6_000)
    expect(announcement.state).toBe('replaced')
    expect(types()).toEqual(['announcement.registered', 'announcement.replaced'])
  })

  it('does not fight an older one', async () => {
    const { adapter, registry, clock } = await setup()
    const announcement = await registry.announce(orders)
    void registry.service('orders').snapshot
    adapter.list('orders', [instance('a', { incarnation: '' }), announcement.instance])
    await clock.advance(1_000)
    expect(announcement).toMatchObject({ state: 'registered', verified: true })
    adapter.list('orders', [announcement.instance, instance('a', { incarnation: '' })])
    await clock.advance(10_000)
    expect(adapter.registering.count).toBe(1)
    await registry.close()
  })
})

describe('many', () => {
  it('registers a thousand, sixteen at once', async () => {
    const { adapter, registry, clock } = await setup()
    let open = 0
    let most = 0
    adapter.registering.always(async () => {
      most = Math.max(most, ++open)
      await new Promise<void>((resolve) => void clock.after(5, resolve))
      open--
      return new ScriptedLease(15_000)
    })
    const all = Array.from({ length: 1_000 }, (_, i) =>
      watched(registry.announce({ service: 'orders', port: 80, id: `i${i}` })),
    )
    await clock.advance(5 * 63)
    await clock.settle()
    expect(all.filter(({ settled, error }) => settled && !error)).toHaveLength(1_000)
    expect(most).toBe(16)
    await registry.close()
    expect(adapter.releasing.count).toBe(1_000)
    expect(clock.timers).toBe(0)
  })

  it('closes at once while most of them wait for a store that hangs', async () => {
    const { adapter, registry, clock } = await setup()
    adapter.registering.always(hangs())
    const all = Array.from({ length: 200 }, (_, i) =>
      watched(registry.announce({ service: 'orders', port: 80, id: `i${i}` })),
    )
    await clock.advance(100)
    const closed = watched(registry.close())
    await clock.advance(5_000)
    await clock.settle()
    expect(closed).toEqual({ settled: true, value: undefined })
    expect(all.every(({ error }) => (error as RollcallError).code === 'CLOSED')).toBe(true)
    expect(adapter.registering.count).toBe(16)
    expect(clock.timers).toBe(0)
  })
})
