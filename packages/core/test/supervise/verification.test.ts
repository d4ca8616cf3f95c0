import { describe, expect, it } from 'vitest'
import { throws } from '@rollcall/testing'
import { instance, setup } from '../helpers.js'

const orders = { service: 'orders', port: 80, id: 'a' }

describe('self-verification', () => {
  it('reads a registration back a second after the write, and now and then thereafter', async () => {
    const { adapter, registry, clock, events, count } = await setup()
    const announcement = await registry.announce(orders)
    adapter.list('orders', [announcement.instance])
    expect(announcement.verified).toBe(false)
    await clock.advance(999)
    expect(adapter.watching.count).toBe(0)
    await clock.advance(1)
    expect(announcement.verified).toBe(true)
    expect(events.at(-1)).toMatchObject({ type: 'announcement.verified', service: 'orders', id: 'a' })
    expect(adapter.watching.calls[0]![1].aborted).toBe(true)
    expect(adapter.waiting('orders')).toBe(0)
    await clock.advance(600_000)
    expect(adapter.watching.count).toBeGreaterThan(15)
    expect(adapter.watching.count).toBeLessThan(28)
    expect(count('announcement.verified')).toBe(1)
  })

  it('registers again what the store accepted and does not list, with growing patience', async () => {
    const { adapter, registry, clock, count } = await setup()
    adapter.list('orders', [])
    const writes: number[] = []
    adapter.registering.always((_, ttlMs) => {
      writes.push(clock.now())
      return { ttlMs, renew: async () => {} }
    })
    const announcement = await registry.announce(orders)
    await clock.advance(600_000)
    const gaps = writes.slice(1).map((at, i) => at - writes[i]!)
    expect(gaps.slice(0, 5).every((gap, i) => gap >= 3_000 * 2 ** i && gap < 3_000 * 2 ** i + 2_000)).toBe(
      true,
    )
    expect(Math.max(...gaps)).toBeLessThan(98_000)
    expect(count('announcement.absent')).toBe(writes.length - 1)
    expect(adapter.watching.count).toBeLessThan(120)
    adapter.list('orders', [announcement.instance])
    await clock.advance(100_000)
    expect(announcement).toMatchObject({ state: 'registered', verified: true })
    const before = writes.length
    adapter.list('orders', [])
    // Patience is short again.
    await clock.advance(45_000)
    expect(writes.length).toBeGreaterThan(before)
  })

  it('sees at once through an open view that a registration is gone', async () => {
    const { adapter, registry, clock } = await setup()
    const announcement = await registry.announce(orders)
    void registry.service('orders').snapshot
    adapter.list('orders', [announcement.instance])
    await clock.advance(10_000)
    expect(announcement.verified).toBe(true)
    const reads = adapter.watching.count
    adapter.list('orders', [instance('b')])
    await clock.advance(0)
    expect(adapter.registering.count).toBe(2)
    expect(adapter.watching.count).toBe(reads)
  })

  it('takes one that the store calls lapsed for absent', async () => {
    const { adapter, registry, clock } = await setup()
    const announcement = await registry.announce(orders)
    adapter.list('orders', [], { lapsed: [announcement.instance] })
    await clock.advance(4_100)
    expect(adapter.registering.count).toBe(2)
  })

  it('takes a failed read for nothing', async () => {
    const { adapter, registry, clock, count } = await setup()
    adapter.watching.always(throws(new Error('down')))
    await registry.announce(orders)
    await clock.advance(300_000)
    expect(adapter.registering.count).toBe(1)
    expect(count('announcement.absent')).toBe(0)
    expect(adapter.watching.count).toBeGreaterThan(6)
  })

  it('is verified anew after an update', async () => {
    const { adapter, registry, clock, count } = await setup()
    const announcement = await registry.announce(orders)
    adapter.list('orders', [announcement.instance])
    await clock.advance(1_000)
    await announcement.update({ weight: 3 })
    expect(announcement.verified).toBe(false)
    await clock.advance(1_000)
    expect(announcement.verified).toBe(true)
    expect(count('announcement.verified')).toBe(2)
  })

  it('holds one listing against a thousand registrations in one go', async () => {
    const { adapter, registry, clock, count } = await setup()
    const ids = Array.from({ length: 1_000 }, (_, i) => `i${i}`)
    const all = await Promise.all(ids.map((id) => registry.announce({ ...orders, id })))
    adapter.list(
      'orders',
      all.map((announcement) => announcement.instance),
    )
    await clock.advance(1_000)
    expect(count('announcement.verified')).toBe(1_000)
    expect(adapter.watching.count).toBe(1)
    await registry.close()
    expect(clock.timers).toBe(0)
  })
})
