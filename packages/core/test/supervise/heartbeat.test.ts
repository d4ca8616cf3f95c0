import { describe, expect, it } from 'vitest'
import { hangs, ScriptedAdapter, ScriptedLease, throws } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import { always, setup } from '../helpers.js'

const down = new Error('connection refused')
const forgotten = new RollcallError('LEASE_LOST', 'unknown check')

async function announced(options: Parameters<typeof setup>[0] = {}) {
  const made = await setup(options)
  const announcement = await made.registry.announce({ service: 'orders', port: 80, id: 'a' })
  return { ...made, announcement, lease: made.adapter.leases[0]! }
}

async function announceAll(made: Awaited<ReturnType<typeof setup>>, n: number) {
  const ids = Array.from({ length: n }, (_, i) => `i${i}`)
  return Promise.all(ids.map((id) => made.registry.announce({ service: 'orders', port: 80, id })))
}

describe('heartbeat', () => {
  it.each([
    [0, 4_000],
    [0.5, 4_500],
    [0.999999, 5_000],
  ])('comes at a jittered third of the TTL (chance %f: %i ms)', async (spot, ms) => {
    const { clock, lease } = await announced({ random: always(spot) })
    await clock.advance(ms - 1)
    expect(lease.renewing.count).toBe(0)
    await clock.advance(1)
    expect(lease.renewing.count).toBe(1)
    await clock.advance(60_000)
    expect(lease.renewing.count).toBe(1 + Math.floor(60_000 / ms))
  })

  it('follows the TTL that was granted', async () => {
    const { adapter, registry, clock } = await setup({ random: always(0) })
    const lease = new ScriptedLease(3_000)
    adapter.registering.next(() => lease)
    await registry.announce({ service: 'orders', port: 80 })
    await clock.advance(8_000)
    expect(lease.renewing.count).toBe(10)
  })

  it.each([
    ['fail', throws(down)],
    ['hang', hangs()],
  ])('survives two beats that %s', async (_, step) => {
    const { clock, lease, announcement, count } = await announced()
    lease.renewing.next(step, step)
    await clock.advance(60_000)
    expect(announcement.state).toBe('registered')
    expect(count('announcement.retrying')).toBe(2)
    expect(count('announcement.lost')).toBe(0)
  })

  it('is lost when the TTL has passed without a beat, and registered again', async () => {
    const { adapter, clock, lease, announcement, events } = await announced({ random: always(0.5) })
    lease.renewing.next(() => {}).always(throws(down))
    // The last beat that succeeded is the one at 4.5 s.
    await clock.advance(19_499)
    expect(announcement.state).toBe('registered')
    await clock.advance(1)
    expect(events.find(({ type }) => type === 'announcement.lost')).toMatchObject({
      error: { code: 'LEASE_LOST', message: 'no heartbeat came through for the TTL of 15000 ms' },
    })
    await clock.advance(100)
    expect(announcement.state).toBe('registered')
    expect(adapter.registering.count).toBe(2)
    expect(lease.renewing.count).toBeGreaterThan(2)
    const beats = lease.renewing.count
    await clock.advance(60_000)
    expect(lease.renewing.count).toBe(beats)
    expect(adapter.leases[1]!.renewing.count).toBe(13)
  })

  it('counts the lifetime from when a beat was sent, not from when it was answered', async () => {
    const { clock, lease, announcement } = await announced({ random: always(0.5) })
    lease.renewing.next(() => new Promise((resolve) => void clock.after(4_900, resolve))).always(throws(down))
    await clock.advance(4_500 + 15_000)
    expect(announcement.state).not.toBe('registered')
  })

  it('registers again at once on LEASE_LOST', async () => {
    const { adapter, clock, lease, announcement, types } = await announced()
    lease.renewing.next(throws(forgotten))
    await clock.advance(5_000)
    await clock.advance(100)
    expect(announcement.state).toBe('registered')
    expect(adapter.registering.count).toBe(2)
    expect(types()).toEqual(['announcement.registered', 'announcement.lost', 'announcement.registered'])
  })

  it('registers again at once when the store says lost, without waiting for a beat', async () => {
    const { adapter, clock, lease, announcement, events } = await announced()
    lease.lose(new Error('session expired'))
    await clock.settle()
    expect(announcement).toMatchObject({ state: 'lost', error: { code: 'LEASE_LOST' } })
    expect(events.at(-1)).toMatchObject({ type: 'announcement.lost', error: { code: 'LEASE_LOST' } })
    await clock.advance(100)
    expect(announcement.state).toBe('registered')
    expect(adapter.registering.count).toBe(2)
  })

  it('does not spin when every lease is lost from the start', async () => {
    const { adapter, registry, clock } = await setup({ random: always(0.5) })
    adapter.registering.always(() => {
      const lease = new ScriptedLease(15_000)
      lease.lose()
      return lease
    })
    await registry.announce({ service: 'orders', port: 80 })
    await clock.advance(10_000)
    expect(adapter.registering.count).toBeLessThanOrEqual(201)
    await registry.close()
    expect(clock.timers).toBe(0)
  })

  it('is not held up by a loss while a write is under way', async () => {
    const { adapter, clock, lease, announcement, types } = await announced()
    adapter.registering.next(async () => {
      await new Promise<void>((resolve) => void clock.after(500, resolve))
      return new ScriptedLease(15_000)
    })
    void announcement.update({ weight: 2 })
    await clock.advance(100)
    lease.lose()
    await clock.settle()
    expect(announcement.state).toBe('lost')
    await clock.advance(400)
    expect(announcement.state).toBe('registered')
    await clock.advance(500)
    expect(adapter.registering.count).toBe(2)
    expect(types()).toEqual(['announcement.registered', 'announcement.lost', 'announcement.registered'])
  })
})

describe('a shared lease', () => {
  it('is beaten once for all', async () => {
    const made = await setup({ adapter: new ScriptedAdapter({ sharedLease: true }), random: always(0) })
    await announceAll(made, 100)
    await made.clock.advance(40_000)
    expect(made.adapter.leases).toHaveLength(1)
    expect(made.adapter.leases[0]!.renewing.count).toBe(10)
  })

  it('goes on beating while anybody is left under it, and stops with the last', async () => {
    const made = await setup({ adapter: new ScriptedAdapter({ sharedLease: true }), random: always(0) })
    const [a, b] = await announceAll(made, 2)
    const leaving = a!.leave({ lingerMs: 0 })
    await made.clock.advance(0)
    await leaving
    const [lease] = made.adapter.leases
    await made.clock.advance(20_000)
    expect(lease!.renewing.count).toBe(5)
    const last = b!.leave({ lingerMs: 0 })
    await made.clock.advance(0)
    await last
    await made.clock.advance(60_000)
    expect(lease!.renewing.count).toBe(5)
    expect(made.clock.timers).toBe(0)
  })

  it('is registered again by all when it is lost, paced: sixteen at once', async () => {
    const made = await setup({ adapter: new ScriptedAdapter({ sharedLease: true }) })
    const { adapter, clock } = made
    const all = await announceAll(made, 100)
    let open = 0
    let most = 0
    const next = new ScriptedLease(15_000)
    adapter.registering.always(async () => {
      most = Math.max(most, ++open)
      await new Promise<void>((resolve) => void clock.after(50, resolve))
      open--
      return next
    })
    adapter.leases[0]!.lose()
    await clock.settle()
    expect(all.every(({ state }) => state === 'lost')).toBe(true)
    await clock.advance(100 + 7 * 50)
    expect(all.every(({ state }) => state === 'registered')).toBe(true)
    expect(most).toBe(16)
    expect(adapter.registering.count).toBe(200)
    await clock.advance(20_000)
    expect(next.renewing.count).toBeGreaterThanOrEqual(3)
    expect(next.renewing.count).toBeLessThanOrEqual(5)
  })

  it('that is returned again after its heart had stopped is beaten at once', async () => {
    const { adapter, registry, clock } = await setup()
    const lease = new ScriptedLease(15_000)
    adapter.registering.always(() => lease)
    lease.renewing.next(throws(forgotten))
    const announcement = await registry.announce({ service: 'orders', port: 80, id: 'a' })
    await clock.advance(5_000 + 100)
    expect(adapter.registering.count).toBe(2)
    expect(lease.renewing.count).toBe(2)
    expect(announcement.state).toBe('registered')
    await clock.advance(60_000)
    expect(adapter.registering.count).toBe(2)
  })

  it('that is returned again and whose first beat fails in passing is not lost for that', async () => {
    const { adapter, registry, clock, count } = await setup()
    const lease = new ScriptedLease(15_000)
    adapter.registering.always(() => lease)
    const first = await registry.announce({ service: 'orders', port: 80, id: 'a' })
    const left = first.leave({ lingerMs: 0 })
    await clock.advance(0)
    await left
    lease.renewing.next(throws(down))
    await registry.announce({ service: 'orders', port: 80, id: 'b' })
    await clock.advance(1_000)
    expect(lease.renewing.count).toBe(2)
    expect(count('announcement.lost')).toBe(0)
  })
})
