import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { Events } from '../../src/events.js'
import { instances, rejections, setup } from '../helpers.js'

describe('events', () => {
  it('reach those who asked for their type or for all, frozen, until they stop', () => {
    const events = new Events(new ManualClock({ wall: 77 }))
    const seen: string[] = []
    const stop = events.on('watch.recovered', (event) => {
      seen.push(`${event.service} ${event.at}`)
      expect(Object.isFrozen(event)).toBe(true)
    })
    events.on('*', ({ type }) => seen.push(type))
    events.emit('watch.recovered', { service: 'orders' })
    events.emit('adapter.warning', { message: 'x' })
    stop()
    events.emit('watch.recovered', { service: 'users' })
    expect(seen).toEqual(['orders 77', 'watch.recovered', 'adapter.warning', 'watch.recovered'])
  })

  it('survive listeners that throw, reject, or listen while being told', async () => {
    const { seen: unhandled, stop } = rejections()
    const clock = new ManualClock()
    const events = new Events(clock)
    const failures: unknown[] = []
    events.on('listener.failed', ({ error }) => failures.push(error))
    events.on('*', ({ type }) => {
      if (type !== 'listener.failed') throw new Error(`thrower of ${type}`)
    })
    const rejecter = async (): Promise<void> => {
      throw new Error('rejecter')
    }
    // oxlint-disable-next-line typescript/no-misused-promises -- the very mistake that must do no harm
    events.on('adapter.warning', rejecter)
    events.on('listener.failed', () => {
      throw new Error('no loop')
    })
    events.on('adapter.warning', () => void events.on('adapter.warning', () => {}))
    events.emit('adapter.warning', { message: 'x' })
    await clock.settle()
    stop()
    expect(failures.map((error) => (error as Error).message)).toEqual([
      'thrower of adapter.warning',
      'rejecter',
    ])
    expect(unhandled).toEqual([])
  })

  it('and subscribers that throw break no registry', async () => {
    const { seen: unhandled, stop } = rejections()
    const { adapter, registry, clock, count } = await setup()
    registry.events.on('*', () => {
      throw new Error('listener')
    })
    let told = 0
    registry.service('orders').subscribe(() => {
      told++
      throw new Error('subscriber')
    })
    const announcement = await registry.announce({ service: 'orders', port: 80 })
    adapter.list('orders', instances('a'))
    await clock.advance(200)
    adapter.list('orders', instances('a', 'b'))
    await clock.advance(200)
    expect(told).toBe(2)
    expect(announcement.state).toBe('registered')
    expect(count('listener.failed')).toBeGreaterThan(0)
    await registry.close()
    stop()
    expect(unhandled).toEqual([])
    expect(clock.timers).toBe(0)
  })
})
