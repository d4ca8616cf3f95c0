import { ManualClock } from '@rollcall/testing'
import { describe, expect, test } from 'vitest'
import type { BalancerPlan } from '../../../src/selection/balancers/balancer.js'
import type { Chooser } from '../../../src/selection/balancers/chooser.js'
import { hash32 } from '../../../src/selection/balancers/hash.js'
import { leastRequest } from '../../../src/selection/balancers/least-request.js'
import { peakEwma } from '../../../src/selection/balancers/peak-ewma.js'
import { slowStart, type SlowStartOptions } from '../../../src/selection/balancers/slow-start.js'
import { shareAt } from '../../../src/selection/balancers/warmth.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { bench, instance, instances } from '../helpers.js'
import { chooserOf, counts, endpoint, endpoints, fits, reasons } from './helpers.js'

/** Born long before the clock's 0. */
const longAgo = -1e9

interface Scene {
  readonly choose: Chooser
  readonly all: Endpoint[]
  readonly clock: ManualClock
  /** How often the clock was read. */
  readonly reads: () => number
}

/** Four old endpoints and one that is born at 0; the clock stands at `now`. */
function scene(
  now: number,
  inner: Parameters<typeof slowStart>[0] = 'random',
  options?: SlowStartOptions,
): Scene {
  let reads = 0
  const clock = new ManualClock()
  clock.now = () => (reads++, now + (clock.wall() - 1_700_000_000_000))
  const choose = chooserOf(slowStart(inner, options), { clock })
  const all = [...endpoints([1, 1, 1, 1], longAgo), endpoint('new', 1, 0)]
  return { choose, all, clock, reads: () => reads }
}

/** The chance of a newcomer of this share among four others. */
const chance = (share: number): number => share / (4 + share)

describe('a newcomer', () => {
  test.each([
    [0, 0.1],
    [1000, 0.1],
    [6000, 0.1],
    [15_000, 0.25],
    [30_000, 0.5],
    [59_000, 59 / 60],
    [60_000, 1],
    [3_600_000, 1],
  ])('of %i ms has its share, %f', (age, share) => {
    const { choose, all } = scene(age)
    const seen = counts(choose, all, 40_000)
    expect(fits(seen[4]!, 40_000, chance(share))).toBe(true)
    for (const other of seen.slice(0, 4)) expect(fits(other, 40_000, (1 - chance(share)) / 4)).toBe(true)
  })

  test.each<[string, Parameters<typeof slowStart>[0]]>([
    ['round-robin', 'round-robin'],
    ['weighted-random', 'weighted-random'],
    ['weighted', 'weighted'],
    ['least-request', leastRequest()],
  ])('with %s within', (_, inner) => {
    const { choose, all } = scene(30_000, inner)
    const seen = counts(choose, all, 40_000)
    expect(Math.abs(seen[4]! / 40_000 - chance(0.5))).toBeLessThan(0.015)
  })

  test('that the balancer within would always choose still has no more', () => {
    const { choose, all } = scene(6000, leastRequest({ choices: 'all' }))
    for (const old of all.slice(0, 4)) old.inFlight = 5
    const seen = counts(choose, all, 10_000)
    // It is chosen always, accepted one time in ten, and after four refusals anybody is drawn.
    expect(seen[4]! / 10_000).toBeLessThan(0.5)
    for (const other of seen.slice(0, 4)) expect(other).toBeGreaterThan(1000)
  })

  test('of unequal weight has its share of that weight', () => {
    const { choose, all } = scene(30_000, 'weighted-random')
    all[4] = endpoint('new', 4, 0)
    expect(fits(counts(choose, all, 40_000)[4]!, 40_000, 2 / 6)).toBe(true)
  })

  test('one back from an ejection is one', () => {
    const { choose, all } = scene(130_000)
    all[1]!.returnedAt = 100_000
    expect(fits(counts(choose, all, 40_000)[1]!, 40_000, chance(0.5))).toBe(true)
  })

  test('who is given back while the candidates stay the same is one too', () => {
    const { choose, all, clock } = scene(100_000)
    all[1]!.ejectedFor = 'failures'
    counts(choose, all, 100)
    all[1]!.ejectedFor = undefined
    all[1]!.returnedAt = 100_000
    clock.setWall(1_700_000_000_000 + 15_000)
    expect(fits(counts(choose, all, 40_000)[1]!, 40_000, chance(0.25))).toBe(true)
    clock.setWall(1_700_000_000_000 + 60_000)
    expect(fits(counts(choose, all, 40_000)[1]!, 40_000, chance(1))).toBe(true)
  })

  test('one that left and came back between two choices is one too', async () => {
    const { selector, clock } = bench(instances(4), { balancer: slowStart('random') })
    await clock.advance(1e6)
    selector.update([...instances(4), instance('new')])
    selector.pick()
    await clock.advance(30_000)
    const left = selector.endpoints[0]!
    const pick = selector.acquireAt(left)
    if (typeof pick === 'string') throw new Error(pick)
    pick.done('refused')
    selector.settleProbe(left, 'passing')
    const seen = new Map<string, number>()
    for (let i = 0; i < 40_000; i++) {
      const { id } = selector.pick()!
      seen.set(id, (seen.get(id) ?? 0) + 1)
    }
    expect(fits(seen.get('i0')!, 40_000, 0.1 / 3.6)).toBe(true)
    expect(fits(seen.get('new')!, 40_000, 0.5 / 3.6)).toBe(true)
  })

  test('a later one does not set an earlier one back', () => {
    const { choose, all } = scene(30_000)
    counts(choose, all, 100)
    const later = [...all, endpoint('later', 1, 29_500)]
    const seen = counts(choose, later, 40_000)
    const total = 4 + 0.5 + 0.1
    expect(fits(seen[4]!, 40_000, 0.5 / total)).toBe(true)
    expect(fits(seen[5]!, 40_000, 0.1 / total)).toBe(true)
  })
})

test('where all are equally new, nobody is passed over', () => {
  const clock = new ManualClock({ now: 2000 })
  const all = endpoints([1, 1, 1], 0)
  const choose = chooserOf(slowStart('round-robin'), { clock, random: () => 0 })
  expect(counts(choose, all, 300)).toEqual([100, 100, 100])
  expect(counts(choose, [all[0]!], 5)).toEqual([5])
})

test('the clock is read only while somebody is warming up', () => {
  const { choose, all, reads } = scene(59_999)
  const old = all.slice(0, 4)
  counts(choose, old, 1000)
  expect(reads()).toBe(1)
  const warming = scene(59_999)
  counts(warming.choose, warming.all, 1000)
  expect(warming.reads()).toBeGreaterThan(100)
  warming.clock.setWall(1_700_000_000_001)
  const before = warming.reads()
  counts(warming.choose, warming.all, 1000)
  expect(warming.reads() - before).toBe(1)
})

describe('with a key', () => {
  const keyed: BalancerPlan = {
    name: 'keyed',
    make: () => (all, key) => (hash32(key ?? '', 1) >>> 0) % all.length,
  }
  const keys = Array.from({ length: 4000 }, (_, i) => `user-${i}`)

  test('a key moves to the newcomer once, and stays', () => {
    const { choose, all, clock } = scene(0, keyed)
    const owners = new Map<string, number>()
    const shares: number[] = []
    for (let age = 0; age <= 60_000; age += 5000) {
      clock.setWall(1_700_000_000_000 + age)
      let own = 0
      for (const key of keys) {
        const place = choose(all, key)
        expect(choose(all, key)).toBe(place)
        const owner = owners.get(key)
        if (owner !== undefined && owner !== place) expect(place).toBe(4)
        owners.set(key, place)
        if (place === 4) own++
      }
      shares.push(own / keys.length)
    }
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares[0]).toBeCloseTo(0.02, 2)
    expect(Math.abs(shares[6]! - 0.1)).toBeLessThan(0.02)
    for (const key of keys) expect(owners.get(key)).toBe((hash32(key, 1) >>> 0) % 5)
  })

  test('all callers agree', () => {
    const [one, other] = [scene(20_000, keyed), scene(20_000, keyed)]
    for (const key of keys) expect(one.choose(one.all, key)).toBe(other.choose(other.all, key))
  })

  test('a balancer that insists ends the asking', () => {
    let asked = 0
    const stubborn: BalancerPlan = { name: 'stubborn', make: () => () => (asked++, 4) }
    const { choose, all } = scene(0, stubborn)
    for (const key of keys.slice(0, 100)) {
      asked = 0
      expect(all[choose(all, key)]).toBeDefined()
      expect(asked).toBeLessThanOrEqual(16)
    }
  })
})

describe('options', () => {
  const shareOf = (options: SlowStartOptions): number => {
    const { choose, all } = scene(15_000, 'random', options)
    const part = counts(choose, all, 40_000)[4]! / 40_000
    return (4 * part) / (1 - part)
  }

  test('windowMs: 60000 by default', () => {
    expect(shareOf({})).toBeCloseTo(0.25, 1)
    expect(shareOf({ windowMs: 30_000 })).toBeCloseTo(0.5, 1)
    expect(shareOf({ windowMs: 15_000 })).toBeCloseTo(1, 1)
  })

  test('aggression: above 1 faster at first, below 1 slower', () => {
    expect(shareOf({ aggression: 2 })).toBeCloseTo(0.5, 1)
    expect(shareOf({ aggression: 0.5, least: 0.01 })).toBeCloseTo(0.0625, 1)
  })

  test('least: the share to begin with', () => {
    expect(shareOf({ least: 0.6 })).toBeCloseTo(0.6, 1)
    expect(shareOf({ least: 1 })).toBeCloseTo(1, 1)
  })

  test.each([
    [{ windowMs: 0 }, /windowMs is 0/],
    [{ aggression: 0 }, /aggression is 0/],
    [{ least: 0 }, /least is 0/],
    [{ least: 1.5 }, /least is 1.5/],
    [{ window: 5 }, /no option "slowStart.window"/],
  ])('%j are refused', (options, message) => {
    expect(() => slowStart('random', options as never)).toThrow(message)
  })

  test('the balancer within must be one', () => {
    expect(() => slowStart('fair' as never)).toThrow(/Option slowStart\.inner is "fair"/)
  })

  test('calls are timed if the balancer within wants it', () => {
    expect(slowStart(peakEwma({ decayMs: 77 }))).toMatchObject({ name: 'slow-start', decayMs: 77 })
    expect('decayMs' in slowStart('random')).toBe(false)
  })
})

test("Envoy's formula", () => {
  const pace = { windowMs: 60_000, aggression: 1, least: 0.1 }
  expect([0, 999, 6000, 30_000, 60_000, 90_000].map((age) => shareAt(age, pace))).toEqual([
    0.1, 0.1, 0.1, 0.5, 1, 1,
  ])
  expect(shareAt(0, { ...pace, least: 0.001 })).toBeCloseTo(1 / 60)
  expect(shareAt(15_000, { ...pace, aggression: 2 })).toBe(0.5)
})

describe('says why', () => {
  test('after the balancer within, and again when that was passed over', () => {
    const own: BalancerPlan = {
      name: 'own',
      make: () => (_, key, note) => {
        note?.({ balancer: 'own', because: '' })
        return key === 'k' ? 4 : 0
      },
    }
    const { choose, all } = scene(0, own)
    const noted = reasons(choose, all, 'k')
    expect(noted.map(({ balancer }) => balancer)).toEqual(['own', 'slow-start', 'own', 'slow-start'])
    expect(noted[1]).toEqual({
      balancer: 'slow-start',
      because: 'warming up, and passed over',
      considered: [{ id: 'new', share: 0.1 }],
    })
    expect(noted[3]).toMatchObject({ because: 'warm', considered: [{ share: 1 }] })
  })

  test('when nobody is warming up', () => {
    const { choose, all } = scene(1e6, 'round-robin')
    expect(reasons(choose, all).at(-1)).toEqual({ balancer: 'slow-start', because: 'nobody is warming up' })
  })
})
