import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Endpoint } from '../../src/selection/endpoint.js'
import { Group } from '../../src/selection/group.js'
import { defaultOutlierPolicy } from '../../src/selection/outlier-policy.js'
import { without } from '../../src/selection/without.js'
import { instance } from './helpers.js'

const up = { status: 'up', fitness: 'believed' } as const

const first = () => (): number => 0

describe('a group', () => {
  test('that learned event by event has the same candidates as one that looks at all anew', () => {
    const change = fc.record({
      of: fc.integer({ min: 0, max: 39 }),
      what: fc.constantFrom('eject', 'refuse', 'return', 'hold', 'probe', 'pass'),
      panic: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 40 }),
        fc.array(change, { maxLength: 60 }),
        (weights, changes) => {
          const endpoints = weights.map((weight, i) => new Endpoint(instance(`i${i}`, { weight })))
          const group = new Group('all', '', first)
          group.replace(endpoints)
          for (const [now, { of, what, panic }] of changes.entries()) {
            const endpoint = endpoints[of % endpoints.length]!
            alter(endpoint, what, now)
            group.reconsider(endpoint)
            const anew = new Group('all', '', first)
            anew.replace(endpoints)
            for (const each of [group, anew]) {
              each.panic = panic
              each.settle(now, up)
            }
            expect(group.list).toEqual(anew.list)
            expect(group.instances).toEqual(group.list.map((each) => each.instance))
            expect(group.survey(now, up)).toEqual(anew.survey(now, up))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('tells its chooser what is under way to its members, whoever comes, goes and moves', () => {
    const told: (() => number)[] = []
    const make = (): Group =>
      new Group('', '', (inFlight) => {
        told.push(inFlight)
        return () => 0
      })
    const [near, far] = [make(), make()]
    const all = Array.from({ length: 4 }, (_, i) => new Endpoint(instance(`i${i}`)))
    const now = (): number[] => told.map((inFlight) => inFlight())
    near.replace(all.slice(0, 2))
    far.replace(all.slice(2))
    for (const endpoint of [...all, all[0]!]) endpoint.begin(() => 0, defaultOutlierPolicy)
    expect(now()).toEqual([3, 2])
    far.replace(all)
    near.replace([])
    expect(now()).toEqual([0, 5])
    all[0]!.record('ok')
    expect(now()).toEqual([0, 4])
    far.replace(all.slice(1))
    expect(now()).toEqual([0, 3])
    all[0]!.record('ok')
    expect(now()).toEqual([0, 3])
    near.replace(all.slice(0, 2))
    far.replace(all.slice(2))
    for (const endpoint of all.slice(1)) endpoint.record('failed')
    expect(now()).toEqual([0, 0])
  })

  test('keeps the array while its content stays', () => {
    const endpoints = Array.from({ length: 30 }, (_, i) => new Endpoint(instance(`i${i}`)))
    const group = new Group('all', '', first)
    group.replace(endpoints)
    group.settle(0, up)
    const { list } = group
    alter(endpoints[3]!, 'hold', 0)
    group.reconsider(endpoints[3]!)
    group.settle(0, up)
    expect(group.list).toBe(list)
    alter(endpoints[3]!, 'eject', 0)
    group.reconsider(endpoints[3]!)
    group.settle(0, up)
    expect(group.list).toHaveLength(29)
    alter(endpoints[3]!, 'return', 0)
    group.reconsider(endpoints[3]!)
    group.settle(0, up)
    // Whoever was not asked in between must hear that somebody is back.
    expect(group.list).toEqual(list)
    expect(group.list).not.toBe(list)
  })
})

function alter(endpoint: Endpoint, what: string, now: number): void {
  switch (what) {
    case 'eject':
      endpoint.eject('failures', now, defaultOutlierPolicy)
      break
    case 'refuse':
      endpoint.eject('refused', now, defaultOutlierPolicy)
      break
    case 'return':
      endpoint.giveBack(now)
      break
    case 'hold':
      endpoint.describe(endpoint.instance, !endpoint.held)
      break
    default:
      endpoint.probed = what === 'probe' ? 'failing' : 'passing'
  }
}

test('leaving out is the same for few and for many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.array(fc.nat(80), { maxLength: 40 }), (n, picked) => {
      const all = Array.from({ length: n }, (_, i) => i)
      const out = new Set(picked)
      const places = all.filter((i) => out.has(i))
      expect(without(all, places)).toEqual(all.filter((i) => !out.has(i)))
    }),
  )
})
