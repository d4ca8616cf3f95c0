import { describe, expect, test } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { Homes } from '../../../src/selection/balancers/homes.js'
import { peakEwma } from '../../../src/selection/balancers/peak-ewma.js'
import { ring } from '../../../src/selection/balancers/ring.js'
import { roundRobin } from '../../../src/selection/balancers/round-robin.js'
import { sticky } from '../../../src/selection/balancers/sticky.js'
import type { BalancerPlan } from '../../../src/selection/balancers/balancer.js'
import { chooserOf, countsOf, endpoint, equals, keysOf, owners, reasons } from './keyed.js'

/** Chooses the places in turn from 0. */
function inTurn(): BalancerPlan {
  let next = 0
  return { name: 'in-turn', make: () => (candidates) => next++ % candidates.length }
}

describe('sticky', () => {
  test('sends a key where it went before, and spreads the keys as the inner plan does', () => {
    const all = equals(4)
    const choose = chooserOf(sticky())
    const first = owners(choose, all, keysOf(100))
    expect(owners(choose, all, keysOf(100))).toEqual(first)
    expect([...countsOf(first).values()]).toEqual([25, 25, 25, 25])
  })

  test('keeps a key while its endpoint is a candidate, whoever else comes and goes', () => {
    const [a, b, c, d] = equals(4)
    const choose = chooserOf(sticky(inTurn()))
    expect(owners(choose, [a!, b!, c!], ['x', 'y', 'z'])).toEqual(['i0', 'i1', 'i2'])
    expect(owners(choose, [d!, c!, b!], ['y', 'z', 'y'])).toEqual(['i1', 'i2', 'i1'])
    expect(owners(choose, [a!, b!, c!], ['x', 'y', 'z'])).toEqual(['i0', 'i1', 'i2'])
  })

  test('chooses anew once its endpoint is gone, and stays there when it returns', () => {
    const [a, b] = equals(2)
    const choose = chooserOf(sticky(inTurn()))
    expect(owners(choose, [a!, b!], ['x'])).toEqual(['i0'])
    expect(owners(choose, [b!], ['x'])).toEqual(['i1'])
    expect(owners(choose, [a!, b!], ['x', 'x'])).toEqual(['i1', 'i1'])
  })

  test('knows an instance that was restarted by its id', () => {
    const choose = chooserOf(sticky(inTurn()))
    const [a, b] = equals(2)
    owners(choose, [a!, b!], ['x', 'y'])
    const again = endpoint('i1', { incarnation: 'two', host: 'other.test' })
    expect(choose([again, a!], 'y')).toBe(0)
  })

  test('sends all calls without a key to one endpoint, however long there were none', async () => {
    const clock = new ManualClock()
    const [a, b] = equals(2)
    const choose = chooserOf(sticky(inTurn(), { idleMs: 1 }), { clock })
    expect([1, 2, 3].map(() => choose([a!, b!], undefined))).toEqual([0, 0, 0])
    await clock.advance(1000)
    expect(choose([b!, a!], undefined)).toBe(1)
    expect(choose([b!], undefined)).toBe(0)
    expect(choose([a!, b!], undefined)).toBe(1)
  })

  test('forgets a key that nobody has used for idleMs', async () => {
    const clock = new ManualClock()
    const all = equals(3)
    const choose = chooserOf(sticky(inTurn(), { idleMs: 1000 }), { clock })
    expect(choose(all, 'x')).toBe(0)
    await clock.advance(1000)
    expect(choose(all, 'x')).toBe(0)
    await clock.advance(1000)
    expect(choose(all, 'x')).toBe(0)
    await clock.advance(1001)
    expect(choose(all, 'x')).toBe(1)
  })

  test('remembers for ten minutes by default', async () => {
    const clock = new ManualClock()
    const all = equals(3)
    const choose = chooserOf(sticky(inTurn()), { clock })
    expect(choose(all, 'x')).toBe(0)
    await clock.advance(600_000)
    expect(choose(all, 'x')).toBe(0)
    await clock.advance(600_001)
    expect(choose(all, 'x')).toBe(1)
  })

  test('forgets the key used least recently beyond `most`', () => {
    const all = equals(100)
    const choose = chooserOf(sticky(inTurn(), { most: 3 }))
    expect(['a', 'b', 'c', 'a', 'd'].map((key) => choose(all, key))).toEqual([0, 1, 2, 0, 3])
    expect(['a', 'c', 'd', 'b'].map((key) => choose(all, key))).toEqual([0, 2, 3, 4])
    expect(choose(all, 'a')).toBe(5)
  })

  test('remembers 10,000 keys by default', () => {
    const all = equals(2)
    let asked = 0
    const choose = chooserOf(sticky({ name: 'counting', make: () => () => asked++ % 2 }))
    owners(choose, all, keysOf(10_000))
    owners(choose, all, keysOf(10_000))
    expect(asked).toBe(10_000)
    owners(choose, all, keysOf(10_001))
    owners(choose, all, keysOf(1))
    expect(asked).toBe(10_002)
  })

  test('reads the clock only for a key', () => {
    let reads = 0
    const clock = Object.assign(new ManualClock(), { now: () => ++reads })
    const choose = chooserOf(sticky(), { clock })
    const all = equals(2)
    choose(all, undefined)
    expect(reads).toBe(0)
    choose(all, 'x')
    expect(reads).toBe(1)
  })

  test('asks the inner plan with the key', () => {
    const all = equals(9)
    expect(owners(chooserOf(sticky(ring())), all, keysOf(50))).toEqual(
      owners(chooserOf(ring()), all, keysOf(50)),
    )
  })

  test('is whole again after the inner plan has thrown', () => {
    let broken = true
    const inner: BalancerPlan = {
      name: 'fragile',
      make: () => (candidates) => {
        if (broken) throw new Error('boom')
        return candidates.length - 1
      },
    }
    const choose = chooserOf(sticky(inner))
    const all = equals(3)
    expect(() => choose(all, 'x')).toThrow('boom')
    broken = false
    expect(choose(all, 'x')).toBe(2)
  })

  test('says why', () => {
    const [a, b] = equals(2)
    const choose = chooserOf(sticky(roundRobin()))
    const told = (candidates: (typeof a)[]): string[] =>
      reasons(choose, candidates as never, 'alice').noted.map(
        ({ balancer, because }) => `${balancer}: ${because}`,
      )
    expect(told([a])).toEqual(['round-robin: turn 1 of 1', 'sticky: the key is new, or was forgotten'])
    expect(told([a])).toEqual(['sticky: the key went there before'])
    expect(told([b, a])).toEqual(['sticky: the key went there before'])
    expect(told([b]).at(-1)).toBe("sticky: the key's former endpoint is no candidate")
  })

  test('times calls if the inner plan wants that', () => {
    expect(sticky(peakEwma()).decayMs).toBe(peakEwma().decayMs)
    expect(sticky()).not.toHaveProperty('decayMs')
  })

  test.each([
    [undefined, { most: 0 }, /Option sticky\.most is 0: give a whole number from 1 to 10000000/],
    [undefined, { idleMs: 0 }, /Option sticky\.idleMs is 0/],
    [undefined, { ttl: 5 }, /There is no option "sticky.ttl"/],
    ['ring', {}, /Option sticky\.inner is "ring": give a plan, such as ring\(\) makes/],
    [null, {}, /Option sticky\.inner is null/],
  ])('refuses %j with %j', (inner, options, message) => {
    expect(() => sticky(inner as never, options as never)).toThrow(message)
  })
})

describe('homes', () => {
  test('a crowd that went idle dwindles as new keys come', () => {
    const homes = new Homes(1000, 100)
    for (let i = 0; i < 500; i++) homes.add(`old-${i}`, 0)
    for (let i = 0; i < 400; i++) homes.add(`new-${i}`, 200)
    expect(homes.size).toBe(400)
    expect(homes.find('new-0', 200)).toBeDefined()
    expect(homes.find('old-499', 200)).toBeUndefined()
  })
})
