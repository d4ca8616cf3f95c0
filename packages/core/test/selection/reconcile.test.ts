import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/selection/endpoint.js'
import { reconcile } from '../../src/selection/reconcile.js'
import { defaultOutlierPolicy } from '../../src/selection/outlier-policy.js'
import { instance, instances } from './helpers.js'

const none: ReadonlySet<string> = new Set()

describe('reconcile', () => {
  test('keeps what was learned through a new description, and takes the description over', () => {
    const before = reconcile([], [instance('a'), instance('b')], none)
    before[0]!.consecutiveFailures = 3
    const after = reconcile(before, [instance('b'), instance('a', { metadata: { v: '2' }, weight: 5 })], none)
    expect(after[1]).toBe(before[0])
    expect(after[1]!.instance.weight).toBe(5)
    expect(after[0]).toBe(before[1])
  })

  test.each([{ incarnation: 'two' }, { port: 3001 }, { host: 'elsewhere.test' }])(
    'starts afresh for %j',
    (fields) => {
      const before = reconcile([], [instance('a')], none)
      const after = reconcile(before, [instance('a', fields)], none)
      expect(after[0]).not.toBe(before[0])
    },
  )

  test.each([
    ['lapsed', [instance('a', { status: 'down' })], none],
    ['missing and held', [instance('a')], new Set(['a'])],
  ])('gives an endpoint back that was %s and is listed again', (_, gone, held) => {
    const [endpoint] = reconcile([], [instance('a')], none)
    endpoint!.consecutiveFailures = 5
    endpoint!.eject('failures', 0, defaultOutlierPolicy)
    const during = reconcile([endpoint!], gone, held)
    expect(during[0]!.ejectedFor).toBe('failures')
    const after = reconcile(during, [instance('a')], none)
    expect(after[0]).toBe(endpoint)
    expect(after[0]).toMatchObject({ ejectedFor: undefined, consecutiveFailures: 0, timesEjected: 1 })
  })

  test('tells two instances of one id apart', () => {
    const twins = [instance('a', { host: 'one.test' }), instance('a', { host: 'two.test' })]
    const before = reconcile([], twins, none)
    const after = reconcile(before, twins.toReversed(), none)
    expect(after).toEqual(before.toReversed())
    expect(after[0]).toBe(before[1])
    expect(after[1]).toBe(before[0])
  })

  test('returns the very array when nothing differs', () => {
    const set = instances(3)
    const before = reconcile([], set, none)
    expect(reconcile(before, [...set], none)).toBe(before)
    const held = reconcile(before, set, new Set(['i1']))
    expect(held).not.toBe(before)
    expect(held.map((endpoint) => endpoint.held)).toEqual([false, true, false])
    expect(reconcile(held, set.slice(0, 2), none)).toHaveLength(2)
  })

  test('learned state survives snapshots, whatever their order and size', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
    fc.assert(
      fc.property(ids, ids, (first, second) => {
        const before = reconcile(
          [],
          first.map((id) => instance(`i${id}`)),
          none,
        )
        before.forEach((endpoint, i) => (endpoint.timesEjected = i + 1))
        const known = new Map<string, Endpoint>(before.map((endpoint) => [endpoint.instance.id, endpoint]))
        const after = reconcile(
          before,
          second.map((id) => instance(`i${id}`)),
          none,
        )
        expect(after.map((endpoint) => endpoint.instance.id)).toEqual(second.map((id) => `i${id}`))
        for (const endpoint of after) {
          const { id } = endpoint.instance
          if (known.has(id)) expect(endpoint).toBe(known.get(id))
          else expect(endpoint.timesEjected).toBe(0)
        }
      }),
    )
  })
})
