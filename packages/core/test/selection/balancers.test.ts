import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { isRollcallError } from '../../src/errors.js'
import { xorshift32, type Random } from '../../src/random.js'
import { AliasTable } from '../../src/selection/balancers/alias-table.js'
import type { BalancerName } from '../../src/selection/balancers/balancer.js'
import { planOf } from '../../src/selection/balancers/plan-of.js'
import { Endpoint } from '../../src/selection/endpoint.js'
import { acquired, bench, instance, instances } from './helpers.js'

function endpoints(weights: readonly number[]): Endpoint[] {
  return weights.map((weight, i) => new Endpoint(instance(`i${i}`, { weight })))
}

function balancerOf(name: BalancerName | undefined, random: Random): (all: readonly Endpoint[]) => Endpoint {
  const tools = { clock: new ManualClock(), random, inFlight: () => 0 }
  const choose = planOf(name).make(tools)
  return (all) => all[choose(all, undefined)]!
}

/** How often each was chosen. */
function counts(name: BalancerName | undefined, weights: readonly number[], draws: number): number[] {
  const balancer = balancerOf(name, xorshift32(42))
  const all = endpoints(weights)
  const seen = weights.map(() => 0)
  for (let i = 0; i < draws; i++) seen[all.indexOf(balancer(all))]!++
  return seen
}

describe('round-robin', () => {
  test('takes turns, whatever the weights', () => {
    expect(counts('round-robin', [1, 9, 1], 300)).toEqual([100, 100, 100])
  })

  test('starts somewhere and goes on when the candidates change', () => {
    const starts = new Set<Endpoint | undefined>()
    const all = endpoints([1, 1, 1, 1])
    for (let seed = 1; seed < 50; seed++) starts.add(balancerOf('round-robin', xorshift32(seed * 7919))(all))
    expect(starts.size).toBe(4)
    const balancer = balancerOf('round-robin', () => 0)
    expect([balancer(all), balancer(all), balancer(all)]).toEqual(all.slice(0, 3))
    expect(balancer(all.slice(0, 2))).toBe(all[0])
    expect(balancer([...all])).toBe(all[1])
  })
})

describe('random', () => {
  test('gives all the same chance', () => {
    for (const seen of counts('random', [1, 9, 0, 5], 40_000))
      expect(Math.abs(seen - 10_000)).toBeLessThan(400)
  })
})

describe('weighted-random', () => {
  test('keeps to the weights within 5 standard deviations', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(weights, (given) => {
        const draws = 5_000
        const total = given.reduce((sum, weight) => sum + weight, 0)
        const seen = counts('weighted-random', given, draws)
        seen.forEach((count, i) => {
          const p = total === 0 ? 1 / given.length : given[i]! / total
          expect(Math.abs(count - draws * p)).toBeLessThanOrEqual(1 + 5 * Math.sqrt(draws * p * (1 - p)))
        })
      }),
      { numRuns: 50, seed: 1 },
    )
  })

  test('never draws a weight of 0 beside others', () => {
    expect(counts('weighted-random', [0, 1, 0, 65_535, 0], 5_000).filter((_, i) => i % 2 === 0)).toEqual([
      0, 0, 0,
    ])
  })

  test('builds its table anew only for another array', () => {
    let reads = 0
    const all = endpoints([1, 2])
    const watched = {
      get weight() {
        return (reads++, 1)
      },
    }
    for (const endpoint of all) endpoint.instance = watched as never
    const balancer = balancerOf('weighted-random', xorshift32(1))
    for (let i = 0; i < 10; i++) balancer(all)
    expect(reads).toBe(2)
    balancer([...all])
    expect(reads).toBe(4)
  })
})

test('the alias table holds every index in exact proportion', () => {
  const weights = [5, 1, 1, 0, 3]
  const table = new AliasTable(weights)
  const steps = 100_000
  const seen = weights.map(() => 0)
  for (let i = 0; i < steps; i++) seen[table.at(i / steps)]!++
  expect(seen.map((count) => Math.round(count / (steps / 10)))).toEqual(weights)
})

describe('the default', () => {
  test('takes turns while the weights are equal, else keeps to them', () => {
    expect(counts(undefined, [7, 7, 7], 300)).toEqual([100, 100, 100])
    const [light, heavy] = counts(undefined, [1, 3], 40_000)
    expect(Math.abs(light! - 10_000)).toBeLessThan(500)
    expect(light! + heavy!).toBe(40_000)
  })
})

describe("a user's balancer", () => {
  test('gets the candidates and is obeyed', () => {
    const { selector } = bench(instances(3), { balancer: (all) => all.at(-1) })
    expect(selector.pick()!.id).toBe('i2')
    expect(acquired(selector).instance.id).toBe('i2')
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      /threw "boom"/,
    ],
    ['returns nothing', () => undefined, /returned undefined/],
    ['returns a stranger', () => new Endpoint(instance('stranger')), /none of its 3 candidates/],
    ['returns an instance', (all: readonly Endpoint[]) => all[0]!.instance, /returned an object/],
  ])('that %s is a BAD_BALANCER', (_, balancer, message) => {
    const { selector } = bench(instances(3), { balancer: balancer as never })
    for (const ask of [() => selector.pick(), () => selector.acquire()]) {
      let error: unknown
      try {
        ask()
      } catch (thrown) {
        error = thrown
      }
      expect(isRollcallError(error, 'BAD_BALANCER')).toBe(true)
      expect((error as Error).message).toMatch(message)
    }
    expect(selector.endpoints.every((endpoint) => endpoint.inFlight === 0)).toBe(true)
  })

  test('may still be asked after the set has changed', () => {
    const { selector } = bench(instances(3), { balancer: (all) => all[0] })
    selector.pick()
    selector.update([instance('new')])
    expect(selector.pick()!.id).toBe('new')
  })

  test.each(['fair', '', 7, {}, null])('an unknown name is a BAD_OPTION: %j', (balancer) => {
    expect(() => bench([], { balancer: balancer as never })).toThrow(
      /Option balancer is .*give one of weighted, round-robin/,
    )
  })
})
