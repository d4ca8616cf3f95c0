import fc from 'fast-check'
import { ManualClock } from '@rollcall/testing'
import { describe, expect, test } from 'vitest'
import { fraction, xorshift32, type Random } from '../../../src/random.js'
import { peakEwma } from '../../../src/selection/balancers/peak-ewma.js'
import type { Chooser } from '../../../src/selection/balancers/chooser.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { observe } from '../../../src/selection/latency.js'
import { instance } from '../helpers.js'
import { chooserOf, counts, endpoint, endpoints, fits, reasons } from './helpers.js'

const decayMs = 10_000

/** Endpoints whose last round trip, at a time, took so long. */
function measured(...history: readonly (readonly [tookMs: number, at: number])[]): Endpoint[] {
  const all = endpoints(history.map(() => 1))
  all.forEach((endpoint, i) => observe(endpoint, history[i]![0], 'ok', history[i]![1], decayMs))
  return all
}

describe('of two drawn', () => {
  test('the faster is taken', () => {
    expect(counts(chooserOf(peakEwma()), measured([500, 0], [5, 0]), 100)).toEqual([0, 100])
  })

  test('what is in flight counts as often again', () => {
    const all = measured([10, 0], [4, 0])
    all[1]!.inFlight = 1
    expect(counts(chooserOf(peakEwma()), all, 100)).toEqual([0, 100])
    all[1]!.inFlight = 2
    expect(counts(chooserOf(peakEwma()), all, 100)).toEqual([100, 0])
    all[0]!.inFlight = 2
    expect(counts(chooserOf(peakEwma()), all, 100)).toEqual([0, 100])
    all[1]!.inFlight = 1000
    expect(counts(chooserOf(peakEwma()), all, 100)).toEqual([100, 0])
  })

  test('weights divide the cost', () => {
    const all = measured([10, 0], [4, 0])
    all[0]!.instance = instance('a', { weight: 3 })
    expect(counts(chooserOf(peakEwma()), all, 100)).toEqual([100, 0])
    all[0]!.instance = instance('a', { weight: 2 })
    expect(counts(chooserOf(peakEwma()), [...all], 100)).toEqual([0, 100])
  })

  test('equals have the same chance', () => {
    const seen = counts(chooserOf(peakEwma()), measured([5, 9], [5, 9], [5, 9]), 30_000)
    for (const count of seen) expect(fits(count, 30_000, 1 / 3)).toBe(true)
  })

  test('an average fades: the older of two equal ones is the cheaper', () => {
    expect(counts(chooserOf(peakEwma()), measured([5, 0], [5, 1000]), 100)).toEqual([100, 0])
    // 500 ms are 5 ms after 46 s.
    expect(counts(chooserOf(peakEwma()), measured([500, 0], [5, 45_900]), 100)).toEqual([0, 100])
    expect(counts(chooserOf(peakEwma()), measured([500, 0], [5, 46_200]), 100)).toEqual([100, 0])
  })
})

describe('one that was never called', () => {
  test('is called next, and then no more until it has answered', () => {
    const all = [...measured([5, 0]), endpoint('new')]
    const choose = chooserOf(peakEwma())
    expect(choose(all, undefined)).toBe(1)
    all[1]!.inFlight = 1
    all[0]!.inFlight = 100_000
    expect(counts(choose, all, 100)).toEqual([100, 0])
    observe(all[1]!, 3, 'ok', 0, decayMs)
    expect(choose(all, undefined)).toBe(1)
  })

  test('of several the one with fewer in flight', () => {
    const all = endpoints([1, 1])
    all[0]!.inFlight = 2
    all[1]!.inFlight = 1
    expect(counts(chooserOf(peakEwma()), all, 100)).toEqual([0, 100])
  })
})

interface Traffic {
  readonly choose: Chooser
  readonly clock: ManualClock
  readonly all: readonly Endpoint[]
  readonly random: Random
  /** How long each takes now on average; any half more or less is as likely. */
  readonly tookMs: number[]
}

/** Makes a call every 10 ms for so long; returns how many went to each. */
async function run({ choose, clock, all, random, tookMs }: Traffic, forMs: number): Promise<number[]> {
  const seen = all.map(() => 0)
  for (let ms = 0; ms < forMs; ms += 10) {
    const place = choose(all, undefined)
    const endpoint = all[place]!
    const took = tookMs[place]! * (0.5 + fraction(random))
    seen[place]!++
    endpoint.inFlight++
    clock.after(took, () => {
      endpoint.inFlight--
      observe(endpoint, took, 'ok', clock.now(), decayMs)
    })
    await clock.advance(10)
  }
  return seen
}

describe('five endpoints, one of them 500 ms slower', () => {
  const traffic = (): Traffic => {
    const random = xorshift32(5)
    const choose = chooserOf(peakEwma(), { random })
    const all = endpoints([1, 1, 1, 1, 1])
    return { choose, clock: new ManualClock(), all, random, tookMs: [5, 5, 505, 5, 5] }
  }

  test('less than 1 % of the calls go to it', async () => {
    const seen = await run(traffic(), 60_000)
    expect(seen[2]).toBeGreaterThan(0)
    expect(seen[2]! / 6000).toBeLessThan(0.01)
    for (const i of [0, 1, 3, 4]) expect(seen[i]).toBeGreaterThan(1200)
  })

  test('it is tried again, and when it is well has its share', async () => {
    const scene = traffic()
    await run(scene, 5000)
    scene.tookMs[2] = 5
    await run(scene, 55_000)
    const seen = await run(scene, 20_000)
    expect(seen[2]).toBeGreaterThan(300)
  })

  test('one that becomes slow is left by the first slow answer', async () => {
    const scene = traffic()
    scene.tookMs[2] = 5
    await run(scene, 5000)
    scene.tookMs[2] = 505
    const before = await run(scene, 500)
    const after = await run(scene, 10_000)
    expect(before[2]).toBeLessThan(25)
    expect(after[2]).toBeLessThan(10)
  })
})

test('what was learned survives another array', () => {
  const all = measured([500, 0], [5, 0], [5, 0])
  const choose = chooserOf(peakEwma())
  expect(counts(choose, all, 100)[0]).toBe(0)
  expect(counts(choose, [...all.slice(1), all[0]!], 100)[2]).toBe(0)
  expect(counts(choose, all.slice(0, 2), 100)).toEqual([0, 100])
})

test('whatever the candidates, an index of theirs, by one draw', () => {
  const given = fc.array(
    fc.record({
      weight: fc.integer({ min: 0, max: 65_535 }),
      inFlight: fc.nat(1000),
      history: fc.option(fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.nat(1e9))),
    }),
    { minLength: 1, maxLength: 20 },
  )
  fc.assert(
    fc.property(fc.array(given, { minLength: 1, maxLength: 4 }), fc.integer(), (sets, seed) => {
      let draws = 0
      const random = xorshift32(seed)
      const choose = chooserOf(peakEwma(), { random: () => (draws++, random()) })
      for (const set of sets) {
        const all = endpoints(set.map(({ weight }) => weight))
        set.forEach(({ inFlight, history }, i) => {
          all[i]!.inFlight = inFlight
          if (history) observe(all[i]!, history[0], 'ok', history[1], decayMs)
        })
        expect(all[choose(all, undefined)]).toBeDefined()
      }
      expect(draws).toBeLessThanOrEqual(sets.length)
    }),
    { seed: 1 },
  )
})

describe('options', () => {
  test('decayMs, 10000 by default, is what calls are timed with', () => {
    expect(peakEwma().decayMs).toBe(10_000)
    expect(peakEwma({ decayMs: 500 }).decayMs).toBe(500)
  })

  test.each([
    [{ decayMs: 0 }, /decayMs is 0: give a number from 1 to 3600000/],
    [{ decayMs: '10s' }, /decayMs is "10s"/],
    [{ decay: 5 }, /no option "peakEwma.decay"/],
  ])('%j are refused', (options, message) => {
    expect(() => peakEwma(options as never)).toThrow(message)
  })
})

test('says why', () => {
  const all = measured([100, 0], [10, 10_000])
  all[1]!.inFlight = 2
  const [reason] = reasons(chooserOf(peakEwma()), all)
  expect(reason).toMatchObject({ balancer: 'peak-ewma', because: 'the cheaper of 2 drawn' })
  const considered = reason!.considered!.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  expect(considered[0]!.cost).toBeCloseTo(100 / Math.E)
  expect(considered[1]).toEqual({ id: 'b', averageMs: 10, inFlight: 2, weight: 1, cost: 30 })
  expect(reasons(chooserOf(peakEwma()), endpoints([1]))).toEqual([
    {
      balancer: 'peak-ewma',
      because: 'the only one',
      considered: [{ id: 'a', averageMs: 0, inFlight: 0, weight: 1 }],
    },
  ])
})
