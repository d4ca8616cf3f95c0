import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { Guard } from '../../src/discovery/guard.js'
import { Holding } from '../../src/discovery/holding.js'
import type { Instance } from '@rollcall/core'
import { instance, instances } from '../helpers.js'

const ids = (list: readonly Instance[]): string[] => list.map(({ id }) => id)

function guarded(...listed: Instance[]) {
  const guard = new Guard(25_000)
  guard.admit(listed, 0)
  return guard
}

describe('guard', () => {
  it('holds all when the set became empty, even the only one', () => {
    expect(ids(guarded(...instances('a')).admit([], 0))).toEqual(['a'])
    expect(ids(guarded(...instances('a', 'b', 'c')).admit([], 0))).toEqual(['a', 'b', 'c'])
  })

  it('holds those missing when half or more of at least four are', () => {
    expect(ids(guarded(...instances('a', 'b', 'c', 'd')).admit(instances('a', 'b'), 0))).toEqual(['c', 'd'])
    expect(ids(guarded(...instances('a', 'b', 'c', 'd')).admit(instances('a', 'b', 'c'), 0))).toEqual([])
    expect(ids(guarded(...instances('a', 'b', 'c')).admit(instances('a'), 0))).toEqual([])
    expect(ids(guarded(...instances('a', 'b', 'c', 'd', 'e')).admit(instances('a', 'b', 'c'), 0))).toEqual([])
  })

  it('counts those missing and not those new: a fleet replaced at once is doubted', () => {
    expect(
      ids(guarded(...instances('a', 'b', 'c', 'd')).admit(instances('e', 'f', 'g', 'h'), 0)),
    ).toHaveLength(4)
  })

  it('lets those go at once that were last seen draining or down', () => {
    const set = [instance('a', { status: 'draining' }), instance('b', { status: 'down' }), instance('c')]
    expect(ids(guarded(...set).admit([], 0))).toEqual(['c'])
  })

  it('lets a set shrink one by one, until the last', () => {
    const guard = guarded(...instances('a', 'b', 'c', 'd', 'e', 'f'))
    const left = instances('a', 'b', 'c', 'd', 'e', 'f')
    while (left.length > 1) {
      left.pop()
      expect(guard.admit([...left], 0)).toEqual([])
    }
    expect(ids(guard.admit([], 0))).toEqual(['a'])
  })

  it('holds nobody any more who is listed again', () => {
    const guard = guarded(...instances('a', 'b'))
    guard.admit([], 0)
    guard.admit(instances('b'), 5)
    expect(ids(guard.held)).toEqual(['a'])
    guard.admit(instances('a', 'b'), 6)
    expect(guard.held).toEqual([])
    expect(guard.nextExpiry).toBeUndefined()
  })

  it('is not fooled by a set that is empty twice', () => {
    const guard = guarded(...instances('a', 'b'))
    guard.admit([], 0)
    expect(guard.admit([], 10)).toEqual([])
    expect(guard.nextExpiry).toBe(25_000)
    expect(ids(guard.expire(24_999))).toEqual([])
    expect(ids(guard.expire(25_000))).toEqual(['a', 'b'])
    expect(guard.held).toEqual([])
  })

  it('never holds whom the listing has, and the first to expire comes first', () => {
    const listing = fc.uniqueArray(fc.constantFrom(...'abcdefgh'.split('')), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(listing, { maxLength: 20 }), (listings) => {
        const guard = new Guard(100)
        listings.forEach((listed, now) => {
          guard.admit(instances(...listed), now)
          expect(ids(guard.held).filter((id) => listed.includes(id))).toEqual([])
          for (const { id } of guard.expire(now + 50)) throw new Error(`${id} went too soon`)
        })
        const { nextExpiry } = guard
        if (nextExpiry === undefined) expect(guard.held).toEqual([])
        else expect(guard.expire(nextExpiry).length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('holding', () => {
  function holding(answers: (instance: Instance) => boolean | Promise<boolean>) {
    const clock = new ManualClock()
    const abort = new AbortController()
    const released: [string, string, number][] = []
    let probes = 0
    const held = new Holding({
      clock,
      holdMs: 25_000,
      signal: abort.signal,
      probe: async (one) => {
        probes++
        return answers(one)
      },
      onHeld() {},
      onReleased: ({ id }, reason) => released.push([id, reason, clock.now()]),
    })
    return { clock, abort, held, released, probes: () => probes }
  }

  it('lets go of those where nothing answers, and of the others when their time is up', async () => {
    let alive = 'bc'
    const { clock, held, released } = holding(({ id }) => alive.includes(id))
    held.admit(instances('a', 'b', 'c'))
    held.admit([])
    await clock.settle()
    expect(released).toEqual([['a', 'unreachable', 0]])
    alive = 'c'
    await clock.advance(2_000)
    expect(released[1]).toEqual(['b', 'unreachable', 2_000])
    await clock.advance(25_000)
    expect(released[2]).toEqual(['c', 'expired', 25_000])
    expect(held.held).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('takes a probe that throws for no answer', async () => {
    const { clock, held, released } = holding(() => {
      throw new Error('no such host')
    })
    held.admit(instances('a'))
    held.admit([])
    await clock.settle()
    expect(released).toEqual([['a', 'unreachable', 0]])
  })

  it('probes no more than 64 at once', async () => {
    let open = 0
    let most = 0
    const { clock, held } = holding(async () => {
      most = Math.max(most, ++open)
      await Promise.resolve()
      open--
      return true
    })
    held.admit(instances(...Array.from({ length: 500 }, (_, i) => `i${i}`)))
    held.admit([])
    await clock.settle()
    expect(most).toBe(64)
  })

  it('ends with its signal, and probes nobody after', async () => {
    const { clock, abort, held, probes } = holding(() => true)
    held.admit(instances('a'))
    held.admit([])
    await clock.advance(1_000)
    abort.abort()
    await clock.settle()
    expect(clock.timers).toBe(0)
    const before = probes()
    await clock.advance(60_000)
    expect(probes()).toBe(before)
  })
})
