import { ManualClock } from '@rollcall/testing'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/clock.js'
import { planOf } from '../../src/selection/balancers/plan-of.js'
import { Candidates } from '../../src/selection/candidates.js'
import type { Group } from '../../src/selection/group.js'
import { Endpoint } from '../../src/selection/endpoint.js'
import { defaultOutlierPolicy } from '../../src/selection/outlier-policy.js'
import { bench, fiveFailures, instance, instances } from './helpers.js'

describe('who is a candidate', () => {
  test('those that are up; draining ones only when nobody else is there, down ones never', () => {
    const set = [instance('a'), instance('b', { status: 'draining' }), instance('c', { status: 'down' })]
    const { selector, candidates, reasons } = bench(set)
    expect(candidates()).toEqual(['a'])
    expect(reasons()).toEqual({ b: 'draining', c: 'down' })
    selector.update(set.slice(1))
    expect(candidates()).toEqual(['b'])
    selector.update(set.slice(2))
    expect(candidates()).toEqual([])
    expect(selector.pick()).toBeUndefined()
    expect(selector.acquire()).toBe('nobody')
  })

  test('weight 0 only when nobody has a weight', () => {
    const { selector, candidates, reasons, tell } = bench([instance('a'), instance('b', { weight: 0 })])
    expect(candidates()).toEqual(['a'])
    expect(reasons()).toEqual({ b: 'weight 0' })
    tell('a', 'refused')
    expect(candidates()).toEqual(['b'])
    selector.update([instance('b', { weight: 0 })])
    expect(candidates()).toEqual(['b'])
  })

  test('a held one until a call to it fails, and again once the store lists it', () => {
    const set = instances(3)
    const { selector, candidates, reasons, tell } = bench(set)
    selector.update(set, new Set(['i0', 'i1', 'i2']))
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    tell('i0', 'ok')
    tell('i1', 'failed')
    expect(candidates()).toEqual(['i0', 'i2'])
    expect(reasons()).toEqual({ i1: 'missing' })
    selector.update(set)
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
  })

  test('held ones that failed come back when nobody else is left; those that also refuse do not', () => {
    const set = instances(3)
    const { selector, candidates, tell } = bench(set)
    selector.update(set, new Set(['i0', 'i1', 'i2']))
    tell('i0', 'failed')
    tell('i1', 'refused')
    tell('i2', 'failed')
    expect(candidates()).toEqual(['i0', 'i2'])
    tell('i0', 'ok')
    expect(candidates()).toEqual(['i0'])
    tell('i0', 'refused')
    tell('i2', 'refused')
    expect(candidates()).toEqual([])
  })
})

describe('panic', () => {
  test('when the healthy leave and less than half remain, the suspects are used again', () => {
    const set = instances(4)
    const { selector, candidates, tell, events } = bench(set)
    tell('i0', ...fiveFailures)
    tell('i1', ...fiveFailures)
    expect(candidates()).toEqual(['i2', 'i3'])
    selector.update(set.slice(0, 3))
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    selector.update(set.slice(1, 3))
    expect(candidates()).toEqual(['i2'])
    const types = ['endpoint.ejected', 'endpoint.ejected', 'panic.began', 'panic.ended']
    expect(events.map(({ type }) => type)).toEqual(types)
  })

  test('does not bring back those that refuse, however many', () => {
    const { candidates, tell, reasons } = bench(instances(5))
    for (const id of ['i0', 'i1', 'i2', 'i3']) tell(id, 'refused')
    expect(candidates()).toEqual(['i4'])
    expect(reasons()).toEqual({ i0: 'refused', i1: 'refused', i2: 'refused', i3: 'refused' })
  })

  test('when all refuse, all are tried again: better than a certain error', () => {
    const { candidates, tell } = bench(instances(3))
    for (const id of ['i0', 'i1', 'i2']) tell(id, 'refused')
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
  })

  test('a success in panic gives an endpoint back at once', () => {
    const { candidates, tell, events } = bench(instances(2))
    tell('i0', 'refused')
    tell('i1', 'refused')
    tell('i0', 'ok')
    expect(candidates()).toEqual(['i0'])
    expect(events.at(-1)).toEqual({ type: 'endpoint.returned', id: 'i0' })
  })
})

function candidatesOf(clock: Clock, onSole: (sole: Group | undefined) => void = () => {}): Candidates {
  const makeChooser = (): ReturnType<ReturnType<typeof planOf>['make']> =>
    planOf().make({ clock, random: () => 0, inFlight: () => 0 })
  const numbers = { overprovisioning: 1.4, panicThreshold: 0.5 }
  const policy = defaultOutlierPolicy
  return new Candidates({ clock, policy, makeChooser, ...numbers, onPanic: () => {}, onSole })
}

const listOf = (candidates: Candidates): readonly Endpoint[] => candidates.current()[0]!.list

test('the sole group is told for as long as a pick need ask nothing else', () => {
  const clock = new ManualClock()
  const told: (Group | undefined)[] = []
  const candidates = candidatesOf(clock, (sole) => told.push(sole))
  const endpoints = instances(3).map((each) => new Endpoint(each))
  candidates.replace(endpoints)
  const [group] = candidates.current()
  expect(told.splice(0)).toEqual([undefined, group])
  endpoints[0]!.eject('refused', clock.now(), defaultOutlierPolicy)
  candidates.reconsider(endpoints[0]!)
  candidates.current()
  expect(told.splice(0)).toEqual([undefined])
  endpoints[0]!.giveBack(clock.now())
  candidates.reconsider(endpoints[0]!)
  candidates.current()
  expect(told.splice(0)).toEqual([undefined, group])
  candidates.replace([])
  candidates.current()
  expect(told).toEqual([undefined])
})

describe('the array', () => {
  const clock = {
    reads: 0,
    at: 0,
    now: () => (clock.reads++, clock.at),
    wall: () => 0,
    after: () => () => {},
  }

  test('is the same object until it changes', () => {
    const endpoints = instances(3).map((each) => new Endpoint(each))
    const candidates = candidatesOf(clock)
    candidates.replace(endpoints)
    const first = listOf(candidates)
    expect(listOf(candidates)).toBe(first)
    candidates.reconsider(endpoints[1]!)
    expect(listOf(candidates)).toBe(first)
    endpoints[1]!.eject('failures', clock.at, defaultOutlierPolicy)
    candidates.reconsider(endpoints[1]!)
    const second = listOf(candidates)
    expect(second).toEqual([endpoints[0], endpoints[2]])
    candidates.reconsider(endpoints[1]!)
    expect(listOf(candidates)).toBe(second)
  })

  test('is another after a snapshot that changed a weight, and not after one that changed nothing', () => {
    const seen = new Set<unknown>()
    const { selector } = bench([], { balancer: (all) => (seen.add(all), all[0]) })
    const set = [instance('a'), instance('b')]
    selector.update(set)
    selector.pick()
    selector.update([...set])
    selector.pick()
    expect(seen.size).toBe(1)
    selector.update([set[0]!, instance('b', { weight: 9 })])
    selector.pick()
    expect(seen.size).toBe(2)
  })

  test('costs no reading of the clock unless somebody is ejected', () => {
    const endpoints = instances(3).map((each) => new Endpoint(each))
    const candidates = candidatesOf(clock)
    candidates.replace(endpoints)
    candidates.current()
    clock.reads = 0
    candidates.current()
    expect(clock.reads).toBe(0)
    endpoints[0]!.eject('refused', clock.at, defaultOutlierPolicy)
    candidates.reconsider(endpoints[0]!)
    candidates.current()
    clock.reads = 0
    candidates.current()
    expect(clock.reads).toBe(1)
  })
})
