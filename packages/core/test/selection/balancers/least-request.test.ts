import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { xorshift32 } from '../../../src/random.js'
import { leastRequest, type LeastRequestOptions } from '../../../src/selection/balancers/least-request.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { instance } from '../helpers.js'
import { chooserOf, counts, endpoints, fits, reasons } from './helpers.js'

/** Endpoints with calls in flight. */
function busy(...inFlight: number[]): Endpoint[] {
  const all = endpoints(inFlight.map(() => 1))
  all.forEach((endpoint, i) => (endpoint.inFlight = inFlight[i]!))
  return all
}

function chosen(options: LeastRequestOptions, all: readonly Endpoint[], picks = 30_000): number[] {
  return counts(chooserOf(leastRequest(options)), all, picks)
}

describe('of two drawn', () => {
  test('the one with fewer in flight is taken', () => {
    // The busiest is in every pair the other; the idlest wins all 2 of 3 pairs that it is in.
    const [idle, middle, busiest] = chosen({}, busy(0, 1, 2))
    expect(busiest).toBe(0)
    expect(fits(idle!, 30_000, 2 / 3)).toBe(true)
    expect(fits(middle!, 30_000, 1 / 3)).toBe(true)
  })

  test('among equals all have the same chance', () => {
    for (const seen of chosen({}, busy(3, 3, 3, 3, 3))) expect(fits(seen, 30_000, 1 / 5)).toBe(true)
  })

  test('weight counts as calls do: weight / (inFlight + 1)', () => {
    const all = endpoints([4, 1])
    all[0]!.inFlight = 2
    expect(chosen({}, all, 100)).toEqual([100, 0])
    all[0]!.inFlight = 4
    expect(chosen({}, all, 100)).toEqual([0, 100])
    all[0]!.inFlight = 3
    expect(fits(chosen({}, all)[0]!, 30_000, 1 / 2)).toBe(true)
  })

  test('one draw of chance does, whatever is drawn', () => {
    let draws = 0
    const random = xorshift32(9)
    const choose = chooserOf(leastRequest(), { random: () => (draws++, random()) })
    counts(choose, busy(0, 0), 1000)
    expect(draws).toBe(1000)
  })
})

describe('all', () => {
  test('finds the least loaded among many', () => {
    const all = busy(...Array.from({ length: 100 }, (_, i) => (i === 77 ? 1 : 2)))
    expect(chosen({ choices: 'all' }, all, 100)[77]).toBe(100)
  })

  test('is fair among equals, wherever they stand', () => {
    const seen = chosen({ choices: 'all' }, busy(1, 0, 5, 5, 5, 0, 0))
    expect(seen.map((count) => count > 0)).toEqual([false, true, false, false, false, true, true])
    for (const i of [1, 5, 6]) expect(fits(seen[i]!, 30_000, 1 / 3)).toBe(true)
  })
})

describe('options', () => {
  test('choices: more of them find the idlest more often', () => {
    const all = busy(0, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    for (const choices of [2, 3, 5]) {
      expect(fits(chosen({ choices }, all)[0]!, 30_000, choices / 10)).toBe(true)
    }
    for (const choices of [10, 16, 'all'] as const) expect(chosen({ choices }, all, 100)[0]).toBe(100)
  })

  test('bias: how much calls count beside weights', () => {
    const all = endpoints([4, 1])
    all[0]!.inFlight = 2
    const heavy = (bias: number): number => chosen({ bias, choices: 'all' }, all, 10)[0]!
    expect([0, 1, 1.2, 1.3, 2].map(heavy)).toEqual([10, 10, 10, 0, 0])
  })

  test('bias 0 makes equal weights equal', () => {
    for (const seen of chosen({ bias: 0 }, busy(0, 50, 500))) expect(fits(seen, 30_000, 1 / 3)).toBe(true)
  })

  test.each([
    [{ choices: 1 }, /choices is 1: give a whole number from 2 to 16, or 'all'/],
    [{ choices: 17 }, /choices is 17/],
    [{ choices: 2.5 }, /choices is 2.5/],
    [{ choices: 'some' }, /choices is "some"/],
    [{ bias: -1 }, /bias is -1: give a number from 0 to 10/],
    [{ bias: NaN }, /bias is NaN/],
    [{ choice: 2 }, /no option "leastRequest.choice". Did you mean leastRequest.choices/],
    [null, /Option leastRequest is null: give an object/],
  ])('%j are refused', (options, message) => {
    expect(() => leastRequest(options as never)).toThrow(message)
  })
})

test('whatever the candidates, an index of theirs, and with few draws', () => {
  const given = fc.record({
    choices: fc.constantFrom(2, 3, 16, 'all' as const),
    bias: fc.constantFrom(0, 1, 1.5),
    sets: fc.array(
      fc.array(fc.record({ weight: fc.integer({ min: 0, max: 65_535 }), inFlight: fc.nat(1000) }), {
        minLength: 1,
        maxLength: 20,
      }),
      { minLength: 1, maxLength: 5 },
    ),
    random: fc.constantFrom(
      xorshift32(1),
      () => 0,
      () => -1,
      () => 2 ** 31 - 1,
    ),
  })
  fc.assert(
    fc.property(given, ({ choices, bias, sets, random }) => {
      let draws = 0
      const choose = chooserOf(leastRequest({ choices, bias }), { random: () => (draws++, random()) })
      for (const set of sets) {
        const all = endpoints(set.map(({ weight }) => weight))
        all.forEach((endpoint, i) => (endpoint.inFlight = set[i]!.inFlight))
        draws = 0
        const place = choose(all, undefined)
        expect(all[place]).toBeDefined()
        expect(draws).toBeLessThanOrEqual(choices === 'all' || choices === 2 ? 1 : choices)
      }
    }),
    { seed: 1 },
  )
})

test('sees weights change with the array', () => {
  const all = endpoints([1, 9])
  const choose = chooserOf(leastRequest())
  expect(counts(choose, all, 10)).toEqual([0, 10])
  all[0]!.instance = instance('a', { weight: 10 })
  expect(counts(choose, [...all], 10)).toEqual([10, 0])
})

describe('says why', () => {
  test.each([
    [2, 'the less loaded of 2 drawn', 2],
    [3, 'the least loaded of 3 drawn', 3],
    ['all' as const, 'the least loaded of all', 4],
  ])('for choices %j', (choices, because, looked) => {
    const [reason] = reasons(chooserOf(leastRequest({ choices })), busy(2, 2, 2, 2))
    expect(reason).toMatchObject({ balancer: 'least-request', because })
    expect(reason!.considered).toHaveLength(looked)
    expect(reason!.considered![0]).toEqual({ id: expect.any(String), inFlight: 2, weight: 1 })
  })

  test('for the only one', () => {
    for (const choices of [2, 3]) {
      const [reason] = reasons(chooserOf(leastRequest({ choices })), busy(2))
      expect(reason).toMatchObject({ because: 'the only one', considered: [{ id: 'a' }] })
    }
  })
})
