import { describe, expect, test } from 'vitest'
import { ranked } from '../../src/selection/tiers/ranks.js'
import { layoutOf } from '../../src/selection/tiers/tiers.js'
import { bench, fiveFailures, instance, instances } from './helpers.js'

const idle = (id: string, zone?: string) => instance(id, { weight: 0, ...(zone && { zone }) })

describe('endpoints of weight 0', () => {
  test('that are ill make no panic while those with a weight are well', () => {
    const { selector, candidates, events } = bench([instance('a'), idle('x'), idle('y'), idle('z')])
    for (const endpoint of selector.endpoints.slice(1)) selector.settleProbe(endpoint, 'failing')
    expect(candidates()).toEqual(['a'])
    expect(selector.explain().groups[0]).toMatchObject({ panic: false, share: 1 })
    expect(events.map(({ type }) => type)).not.toContain('panic.began')
  })

  test('that are ill or refuse send no calls to the next priority', () => {
    const set = [instance('a', { zone: 'near' }), idle('x', 'near'), idle('y', 'near'), instance('b')]
    const layout = layoutOf({
      match: undefined,
      canaries: [],
      levels: (all) =>
        ranked(
          all,
          ({ zone }) => (zone === 'near' ? 0 : 1),
          () => expect.fail(),
        ),
      subset: undefined,
      zones: undefined,
    })
    const { selector, reasons } = bench(set, { layout, balancer: 'random' })
    selector.settleProbe(selector.endpoints[1]!, 'failing')
    selector.acquireAt(selector.endpoints[2]!)
    expect(selector.explain().groups.map(({ share }) => share)).toEqual([1, 0])
    expect(reasons()).toEqual({ x: 'probes fail', y: 'weight 0', b: 'spare' })
  })

  test('take the calls when nobody with a weight is well, and share them with suspects in panic', () => {
    const { selector, tell, candidates, reasons } = bench([instance('a'), instance('b'), idle('x')])
    tell('a', 'refused')
    tell('b', ...fiveFailures)
    expect(candidates()).toEqual(['x'])
    expect(reasons()).toEqual({ a: 'refused', b: 'failing' })
    selector.settleProbe(selector.endpoints[2]!, 'failing')
    expect(candidates()).toEqual(['b'])
    expect(reasons()).toEqual({ a: 'refused', x: 'probes fail' })
  })

  test('gained and lost with a snapshot', () => {
    const set = instances(3)
    const { selector, candidates } = bench(set)
    selector.update([set[0]!, idle('i1'), set[2]!])
    expect(candidates()).toEqual(['i0', 'i2'])
    selector.update(set.map(({ id }) => idle(id)))
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    selector.update([idle('i0'), idle('i1'), set[2]!])
    expect(candidates()).toEqual(['i2'])
  })
})

test('of draining ones, when nobody is up, suspicion may take out as many', () => {
  const draining = instances(4).map(({ id }) => instance(id, { status: 'draining' }))
  const { tell, candidates } = bench(draining)
  for (const id of ['i0', 'i1', 'i2']) tell(id, ...fiveFailures)
  expect(candidates()).toEqual(['i2', 'i3'])
})
