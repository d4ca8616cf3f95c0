import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { xorshift32 } from '../../../src/random.js'
import { boundedLoad } from '../../../src/selection/balancers/bounded-load.js'
import { peakEwma } from '../../../src/selection/balancers/peak-ewma.js'
import { maglev } from '../../../src/selection/balancers/maglev.js'
import { random } from '../../../src/selection/balancers/random.js'
import { rendezvous } from '../../../src/selection/balancers/rendezvous.js'
import { ring } from '../../../src/selection/balancers/ring.js'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { chooserOf, countsOf, endpoints, equals, keysOf, owners, reasons } from './keyed.js'

/** A view's calls: each begun call counts until it is ended. */
class Calls {
  readonly #under: Endpoint[] = []

  begin(endpoint: Endpoint): void {
    endpoint.inFlight++
    this.#under.push(endpoint)
  }

  end(place: number): void {
    const [ended] = this.#under.splice(place % this.#under.length, 1)
    if (ended) ended.inFlight--
  }

  readonly inFlight = (): number => this.#under.length
}

function capOf(weight: number, total: number, factor: number, inFlight: number): number {
  return Math.ceil((factor * (inFlight + 1) * weight) / total - 1e-9)
}

const plans = { ring: ring(), maglev: maglev({ size: 251 }), rendezvous: rendezvous(), random: random() }

describe('boundedLoad', () => {
  test('never gives anybody a call beyond its cap, and always finds somebody', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 })
    const steps = fc.array(fc.record({ key: fc.option(fc.nat(5)), ends: fc.nat() }), {
      minLength: 50,
      maxLength: 120,
    })
    const inner = fc.constantFrom(...Object.values(plans))
    const factor = fc.constantFrom(1, 1.1, 1.25, 2)
    fc.assert(
      fc.property(weights, steps, inner, factor, (given, steps, plan, factor) => {
        const all = endpoints(given)
        const total = given.reduce((sum, weight) => sum + weight, 0)
        const calls = new Calls()
        const choose = chooserOf(boundedLoad(plan, { factor }), { inFlight: calls.inFlight })
        for (const { key, ends } of steps) {
          const chosen = all[choose(all, key === null ? undefined : `key-${key}`)]!
          const cap = capOf(chosen.instance.weight, total, factor, calls.inFlight())
          expect(chosen.inFlight + 1).toBeLessThanOrEqual(cap)
          calls.begin(chosen)
          if (ends % 3 === 0) calls.end(ends)
        }
      }),
    )
  })

  test('is the inner plan while nobody is full', () => {
    const all = endpoints([1, 2, 3, 4])
    expect(owners(chooserOf(boundedLoad(ring())), all, keysOf(100))).toEqual(
      owners(chooserOf(ring()), all, keysOf(100)),
    )
  })

  test('spreads one hot key over as many as are needed, and keeps it together while it is not', () => {
    const all = equals(20)
    const calls = new Calls()
    const choose = chooserOf(boundedLoad(ring()), { inFlight: calls.inFlight })
    for (let i = 0; i < 1000; i++) calls.begin(all[choose(all, 'hot')]!)
    expect(all.filter(({ inFlight }) => inFlight > 0).length).toBeLessThanOrEqual(20)
    expect(Math.max(...all.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(63)
    for (let i = 0; i < 1000; i++) calls.end(0)
    expect(new Set(Array.from({ length: 50 }, () => choose(all, 'hot'))).size).toBe(1)
  })

  test("goes to the same one for a key while loads are the same, and others' overflow goes elsewhere", () => {
    const all = equals(50)
    const homeOf = chooserOf(ring())
    const home = all[homeOf(all, 'key-0')]!
    const others = all.filter((endpoint) => endpoint !== home)
    const calls = new Calls()
    for (const endpoint of others) calls.begin(endpoint)
    for (let i = 0; i < 3; i++) calls.begin(home)
    const choose = chooserOf(boundedLoad(ring()), { inFlight: calls.inFlight })
    const mine = keysOf(3000).filter((key) => all[homeOf(all, key)] === home)
    const first = owners(choose, all, mine)
    expect(owners(choose, all, mine)).toEqual(first)
    expect(first).not.toContain(home.instance.id)
    // Not to the next on the ring: 160 points have at most 49 neighbours, but no one of them gets most of it.
    expect(Math.max(...countsOf(first).values())).toBeLessThan(mine.length / 4)
  })

  test('looks at all when jumps find nobody: the only one with room gets the call', () => {
    const all = equals(40)
    const calls = new Calls()
    for (const endpoint of all.slice(1)) for (let i = 0; i < 5; i++) calls.begin(endpoint)
    const choose = chooserOf(boundedLoad(ring(), { factor: 1 }), { inFlight: calls.inFlight })
    expect(new Set(owners(choose, all, keysOf(100)))).toEqual(new Set(['i0']))
    expect(choose(all, undefined)).toBe(0)
  })

  test('factor is how far beyond its share one may go', () => {
    const most = [1, 1.25, 3].map((factor) => {
      const all = equals(10)
      const calls = new Calls()
      const choose = chooserOf(boundedLoad(ring(), { factor }), { inFlight: calls.inFlight })
      for (let i = 0; i < 100; i++) calls.begin(all[choose(all, 'hot')]!)
      return Math.max(...all.map(({ inFlight }) => inFlight))
    })
    expect(most).toEqual([10, 13, 30])
  })

  test('an empty key jumps like any other', () => {
    const all = equals(30)
    const calls = new Calls()
    const choose = chooserOf(boundedLoad(ring()), { inFlight: calls.inFlight })
    const home = choose(all, '')
    calls.begin(all[home]!)
    const { noted } = reasons(choose, all, '')
    expect(noted.map(({ balancer }) => balancer)).toEqual(['ring', 'ring', 'bounded-load'])
  })

  test('with candidates all of weight 0 all are equal', () => {
    const all = endpoints([0, 0])
    const calls = new Calls()
    const choose = chooserOf(boundedLoad(random()), { inFlight: calls.inFlight, random: xorshift32(3) })
    for (let i = 0; i < 100; i++) calls.begin(all[choose(all, undefined)]!)
    expect(Math.max(...all.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(63)
  })

  test('takes the first choice where calls are counted wrong', () => {
    const all = equals(3)
    for (const endpoint of all) endpoint.inFlight = 9
    expect(owners(chooserOf(boundedLoad(ring())), all, keysOf(20))).toEqual(
      owners(chooserOf(ring()), all, keysOf(20)),
    )
  })

  test('says why', () => {
    const all = equals(2)
    const calls = new Calls()
    const choose = chooserOf(boundedLoad(ring()), { inFlight: calls.inFlight })
    const home = choose(all, 'alice')
    expect(reasons(choose, all, 'alice').noted.at(-1)).toEqual({
      balancer: 'bounded-load',
      because: 'the choice has room',
      considered: [{ id: `i${home}`, inFlight: 0, most: 1 }],
    })
    for (let i = 0; i < 2; i++) calls.begin(all[home]!)
    expect(reasons(choose, all, 'alice').noted.at(-1)).toEqual({
      balancer: 'bounded-load',
      because: 'the first choice is full, this one has room',
      considered: [
        { id: `i${home}`, inFlight: 2, most: 2 },
        { id: `i${1 - home}`, inFlight: 0, most: 2 },
      ],
    })
  })

  test('takes a name, a plan or a function, and times calls if the inner plan wants that', () => {
    expect(chooserOf(boundedLoad('round-robin'))(equals(1), undefined)).toBe(0)
    expect(chooserOf(boundedLoad((all) => all[1]))(equals(2), 'key')).toBe(1)
    expect(boundedLoad(peakEwma()).decayMs).toBe(peakEwma().decayMs)
    expect(boundedLoad(ring())).not.toHaveProperty('decayMs')
  })

  test.each([
    [ring(), { factor: 0.99 }, /Option boundedLoad\.factor is 0.99: give a number from 1 to 1000/],
    [ring(), { factor: Number.NaN }, /Option boundedLoad\.factor is NaN/],
    [ring(), { bound: 2 }, /There is no option "boundedLoad.bound"/],
    ['rung', {}, /Option boundedLoad\.inner is "rung"/],
    [{}, {}, /Option boundedLoad\.inner is an object/],
  ])('refuses %j with %j', (inner, options, message) => {
    expect(() => boundedLoad(inner as never, options as never)).toThrow(message)
  })
})
