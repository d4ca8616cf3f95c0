import { describe, expect, test } from 'vitest'
import type { Balancer } from '../../src/selection/balancers/balancer.js'
import { boundedLoad } from '../../src/selection/balancers/bounded-load.js'
import { sticky } from '../../src/selection/balancers/sticky.js'
import { slowStart } from '../../src/selection/balancers/slow-start.js'
import { acquired, bench, fiveFailures, instance, instances } from './helpers.js'

const refused = expect.objectContaining({ code: 'BAD_BALANCER' })

describe('a balancer of one’s own', () => {
  test('that sorts its candidates in place hears of it, and shuffles nobody else’s', () => {
    const sorts: Balancer = (all) =>
      (all as never as { instance: { id: string } }[]).sort((a, b) =>
        a.instance.id < b.instance.id ? 1 : -1,
      )[0] as never
    const { selector } = bench(instances(3), { balancer: sorts })
    expect(() => selector.pick()).toThrow(refused)
    expect(() => selector.pick()).toThrow(/threw "Cannot assign to read only property/)
    expect(selector.endpoints.map(({ instance: { id } }) => id)).toEqual(['i0', 'i1', 'i2'])
  })

  test('gets the same array until candidates or weights change', () => {
    const seen = new Set<unknown>()
    const { selector, tell } = bench(instances(3), { balancer: (all) => (seen.add(all), all[0]) })
    selector.pick()
    acquired(selector).done('ok')
    expect(seen.size).toBe(1)
    tell('i0', ...fiveFailures)
    selector.pick()
    expect(seen.size).toBe(2)
    selector.update([instance('i0'), instance('i1', { weight: 2 }), instance('i2')])
    selector.pick()
    expect(seen.size).toBe(3)
  })

  test.each([-1, 3, 0.5, Number.NaN])(
    'as a plan of one’s own that chooses place %d is BAD_BALANCER',
    (place) => {
      for (const maxInFlight of [Infinity, 5]) {
        const balancer = { name: 'mine', make: () => () => place }
        const { selector } = bench(instances(3), { balancer, maxInFlight })
        for (const ask of [() => selector.pick(), () => selector.acquire(), () => selector.explainPick()]) {
          expect(ask).toThrow(refused)
          expect(ask).toThrow(/mine chose place .* of 3 candidates/)
        }
        expect(selector.explain().inFlight).toBe(0)
      }
    },
  )

  test.each([
    ['slow-start', slowStart],
    ['bounded-load', boundedLoad],
    ['sticky', sticky],
  ])('as a plan that chooses no place within %s is BAD_BALANCER too', (name, around) => {
    const balancer = around({ name: 'mine', make: () => () => 3 })
    const { selector } = bench(instances(3), { balancer })
    for (const ask of [() => selector.pick(), () => selector.acquire(), () => selector.explainPick()]) {
      expect(ask).toThrow(refused)
      expect(ask).toThrow(new RegExp(`${name} chose place 3 of 3 candidates`))
    }
    expect(selector.explain().inFlight).toBe(0)
  })

  test.each([
    ['slow-start', slowStart],
    ['bounded-load', boundedLoad],
  ])('within %s is asked again with the key that the caller gave', (_, around) => {
    const keys = new Set<string | undefined>()
    const own: Balancer = (all, { key }) => {
      keys.add(key)
      return all[Number(key) % all.length]
    }
    const { selector } = bench([], { balancer: around(own) })
    selector.update(instances(3))
    selector.update([...instances(3), instance('new')])
    for (let i = 0; i < 20; i++) acquired(selector, { key: '3' })
    expect([...keys]).toEqual(['3'])
  })

  test('as a plan that can not even be made is BAD_BALANCER at each pick, and lets snapshots through', () => {
    const make = (): never => {
      throw new Error('no table')
    }
    const { selector } = bench(instances(3), { balancer: { name: 'mine', make } })
    selector.update(instances(5))
    expect(selector.endpoints).toHaveLength(5)
    expect(() => selector.pick()).toThrow(refused)
    expect(() => selector.acquire()).toThrow(/mine threw "no table" when it was made/)
  })

  test('is asked no more often for want of room than there are choices', () => {
    let asked = 0
    const { selector } = bench(instances(3), { balancer: (all) => (asked++, all[0]), maxInFlight: 1 })
    for (let i = 0; i < 3; i++) acquired(selector)
    asked = 0
    expect(selector.pick()).toBeUndefined()
    expect(asked).toBe(3)
  })

  test('is never asked to choose among nobody', () => {
    let asked = 0
    const { selector } = bench([], { balancer: (all) => (asked++, all[0]) })
    expect(selector.pick()).toBeUndefined()
    expect(selector.acquire()).toBe('nobody')
    expect(selector.explainPick()).toBeUndefined()
    expect(asked).toBe(0)
  })
})
