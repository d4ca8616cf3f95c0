import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ManualClock, ScriptedAdapter, throws } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import { Latest } from '../../src/discovery/latest.js'
import { difference } from '../../src/discovery/difference.js'
import { instance, instances, setup, watched } from '../helpers.js'

describe('latest', () => {
  it('gives a follower the value of now, then the newest; the slow miss some, never the last', async () => {
    const latest = new Latest<number>()
    latest.set(1)
    const follower = latest.follow()
    expect(await follower.next()).toEqual({ done: false, value: 1 })
    for (const value of [2, 3, 4]) latest.set(value)
    expect(await follower.next()).toEqual({ done: false, value: 4 })
    const waiting = watched(follower.next())
    latest.refresh(5)
    latest.wake()
    await new ManualClock().settle()
    expect(waiting.settled).toBe(false)
    latest.set(6)
    latest.close()
    await new ManualClock().settle()
    expect(waiting.value).toEqual({ done: false, value: 6 })
    expect(await follower.next()).toEqual({ done: true, value: undefined })
  })

  it('ends a follower by its signal, and leaves nothing on a signal that lives on', async () => {
    const latest = new Latest<number>()
    const abort = new AbortController()
    const follower = latest.follow(abort.signal)
    const first = follower.next()
    latest.set(1)
    await first
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
    const waiting = watched(follower.next())
    abort.abort('enough')
    await new ManualClock().settle()
    expect(waiting.error).toBe('enough')
  })
})

describe('difference', () => {
  it('counts what was added, removed and updated between two sorted sets', () => {
    const before = instances('a', 'b', 'c', 'e')
    const after = [
      instance('b'),
      instance('c', { version: '2' }),
      instance('d'),
      instance('e'),
      instance('f'),
    ]
    expect(difference(before, after)).toEqual({ added: 2, removed: 1, updated: 1 })
    expect(difference(before, before)).toEqual({ added: 0, removed: 0, updated: 0 })
    expect(difference([], after)).toEqual({ added: 5, removed: 0, updated: 0 })
  })
})

describe('watchServices', () => {
  it('tells the names, sorted, after every change, and ends with the registry', async () => {
    const { adapter, registry, clock } = await setup()
    const seen: (readonly string[])[] = []
    const ended = watched(
      (async () => {
        for await (const names of registry.watchServices()) seen.push(names)
      })(),
    )
    adapter.listServices('users', 'orders')
    await clock.advance(100)
    adapter.listServices('orders', 'users')
    await clock.advance(100)
    adapter.listServices()
    await clock.advance(100)
    expect(seen).toEqual([['orders', 'users'], []])
    await registry.close()
    await clock.settle()
    expect(ended.settled).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('stops watching when nobody follows any more', async () => {
    const { adapter, registry, clock } = await setup()
    adapter.listServices('orders')
    const names = registry.watchServices()
    await names.next()
    await names.return()
    await clock.settle()
    expect(clock.timers).toBe(0)
  })

  it('rejects with UNSUPPORTED, MISCONFIGURED, CLOSED, and the reason of the signal', async () => {
    const plain = new ScriptedAdapter()
    Object.assign(plain, { watchServices: undefined })
    const bare = await setup({ adapter: plain })
    await expect(bare.registry.watchServices().next()).rejects.toMatchObject({ code: 'UNSUPPORTED' })

    const adapter = new ScriptedAdapter()
    const refused = new RollcallError('MISCONFIGURED', 'bad token')
    Object.assign(adapter, {
      watchServices: () => ({ [Symbol.asyncIterator]: () => ({ next: throws(refused) }) }),
    })
    const { registry, clock } = await setup({ adapter })
    await expect(registry.watchServices().next()).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await clock.settle()
    expect(clock.timers).toBe(0)

    const other = await setup()
    const abort = new AbortController()
    const waiting = other.registry.watchServices({ signal: abort.signal }).next()
    abort.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await other.registry.close()
    await expect(other.registry.watchServices().next()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
