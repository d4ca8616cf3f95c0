import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { canaryPolicy, partLoads, split, type CanaryOptions } from '../../../src/selection/tiers/canary.js'
import { endpoint, idsOf, refusal, sum } from './helpers.js'

const versions = (...all: string[]): Endpoint[] => all.map((version, i) => endpoint(`i${i}`, { version }))

function parts(endpoints: readonly Endpoint[], canaries: CanaryOptions[]): [string, number, string[]][] {
  return split(endpoints, canaryPolicy(canaries)).map(({ name, share, endpoints: all }) => [
    name,
    Number(share.toFixed(9)),
    idsOf(all),
  ])
}

const two = { match: { version: '2.x' }, share: 0.05 }
const three = { name: 'three', match: { version: '3.x' }, share: 0.2 }

describe('split', () => {
  test('each canary has its share, and the rest what they leave', () => {
    expect(parts(versions('1.0', '2.0', '3.0', '1.1'), [two, three])).toEqual([
      ['canary 1', 0.05, ['i1']],
      ['three', 0.2, ['i2']],
      ['rest', 0.75, ['i0', 'i3']],
    ])
  })

  test('share decides how much, match who, name what it is called', () => {
    const all = versions('1.0', '2.0')
    expect(parts(all, [{ ...two, share: 0.5 }])[0]).toEqual(['canary 1', 0.5, ['i1']])
    expect(parts(all, [{ ...two, match: { version: '1.x' } }])[0]).toEqual(['canary 1', 0.05, ['i0']])
    expect(parts(all, [{ ...two, name: 'next' }])[0]).toEqual(['next', 0.05, ['i1']])
  })

  test('who fits several belongs to the first', () => {
    const any = { name: 'any', match: { version: ['2.0', '3.0'] }, share: 0.1 }
    expect(parts(versions('2.0', '3.0', '1.0'), [two, any]).map(([name, , ids]) => [name, ids])).toEqual([
      ['canary 1', ['i0']],
      ['any', ['i1']],
      ['rest', ['i2']],
    ])
  })

  test('an empty part gives its share to the others, in proportion to theirs', () => {
    expect(parts(versions('1.0', '3.0'), [{ ...two, share: 0.5 }, three])).toEqual([
      ['three', 0.4, ['i1']],
      ['rest', 0.6, ['i0']],
    ])
    expect(parts(versions('2.0', '3.0'), [two, three])).toEqual([
      ['canary 1', 0.2, ['i0']],
      ['three', 0.8, ['i1']],
    ])
  })

  test('a share of 0 is no call, unless nobody else is there', () => {
    const off = { ...two, share: 0 }
    expect(parts(versions('1.0', '2.0'), [off])).toEqual([
      ['canary 1', 0, ['i1']],
      ['rest', 1, ['i0']],
    ])
    expect(parts(versions('2.0'), [off])).toEqual([['canary 1', 1, ['i0']]])
    const bothOff = [off, { ...three, share: 0 }]
    expect(parts(versions('2.0', '3.0', '3.1'), bothOff).map(([, share]) => share)).toEqual([
      expect.closeTo(1 / 3, 6),
      expect.closeTo(2 / 3, 6),
    ])
  })

  test('canaries that ask for all leave the rest nothing, unless they are not there', () => {
    const all = [
      { ...two, share: 0.9 },
      { ...three, share: 0.1 },
    ]
    expect(parts(versions('1.0', '2.0', '3.0'), all)[2]).toEqual(['rest', 0, ['i0']])
    expect(parts(versions('1.0'), all)).toEqual([['rest', 1, ['i0']]])
    const zeroToo = [
      { ...two, share: 1 },
      { ...three, share: 0 },
    ]
    expect(parts(versions('1.0', '3.0'), zeroToo)).toEqual([
      ['three', 0, ['i1']],
      ['rest', 1, ['i0']],
    ])
  })

  test('without canaries all are one part, as they are; without endpoints there is none', () => {
    const all = versions('1.0', '2.0')
    expect(split(all, [])).toEqual([{ name: 'all', share: 1, endpoints: all }])
    expect(split(all, [])[0]!.endpoints).toBe(all)
    expect(split([], canaryPolicy([two]))).toEqual([])
    expect(split([], [])).toEqual([])
  })
})

describe('partLoads', () => {
  const canary = { name: 'canary 1', share: 0.1 }
  const rest = { name: 'rest', share: 0.9 }

  test('a part in which nobody is healthy gives its share away', () => {
    expect(
      partLoads([
        { ...canary, healthy: 0, total: 3 },
        { ...rest, healthy: 5, total: 5 },
      ]),
    ).toEqual([0, 1])
    expect(
      partLoads([
        { ...canary, healthy: 1, total: 3 },
        { ...rest, healthy: 5, total: 5 },
      ]),
    ).toEqual([0.1, 0.9])
  })

  test('if nobody at all is, health is not looked at', () => {
    expect(
      partLoads([
        { ...canary, healthy: 0, total: 3 },
        { ...rest, healthy: 0, total: 5 },
      ]),
    ).toEqual([0.1, 0.9])
    expect(
      partLoads([
        { ...canary, healthy: 0, total: 3 },
        { ...rest, healthy: 0, total: 0 },
      ]),
    ).toEqual([1, 0])
  })

  test('who refuses connections is not there', () => {
    const gone = { ...canary, healthy: 0, total: 3, unreachable: 3 }
    expect(partLoads([gone, { ...rest, healthy: 0, total: 5 }])).toEqual([0, 1])
    expect(
      partLoads([
        { ...gone, unreachable: 2 },
        { ...rest, healthy: 0, total: 5 },
      ]),
    ).toEqual([0.1, 0.9])
  })

  test('shares add up to 1 wherever anybody is, and nobody gets one who is not there', () => {
    const part = fc.record({ share: fc.constantFrom(0, 0.1, 0.3), healthy: fc.nat(2), more: fc.nat(2) })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (given) => {
        const all = given.map(({ share, healthy, more }, i) => ({
          name: i === 0 ? 'rest' : `c${i}`,
          share,
          healthy,
          total: healthy + more,
        }))
        const shares = partLoads(all)
        expect(sum(shares)).toBeCloseTo(all.some(({ total }) => total > 0) ? 1 : 0, 9)
        const isAnybody = all.some(({ healthy }) => healthy > 0)
        shares.forEach((share, i) => {
          if (share > 0) expect(isAnybody ? all[i]!.healthy : all[i]!.total).toBeGreaterThan(0)
        })
      }),
    )
  })
})

describe('canaryPolicy', () => {
  test('takes one or a list, and shares that make 1 as far as a computer can add', () => {
    expect(canaryPolicy(two)).toEqual(canaryPolicy([two]))
    expect(canaryPolicy([])).toEqual([])
    const tenths = Array.from({ length: 10 }, (_, i) => ({ match: { version: `${i}` }, share: 0.1 }))
    expect(canaryPolicy(tenths)).toHaveLength(10)
    // Nine ninths are 1.0000000000000002.
    const ninths = tenths.slice(1).map((each) => ({ ...each, share: 1 / 9 }))
    expect(canaryPolicy(ninths)).toHaveLength(9)
    expect(split(versions('x'), canaryPolicy(tenths))[0]!.share).toBe(1)
  })

  test.each([
    [[{ ...two, share: 1.1 }], 'BAD_OPTION: Option canary[0].share is 1.1: give a number from 0 to 1.'],
    [[{ ...two, share: '5%' }], 'BAD_OPTION: Option canary[0].share is "5%"'],
    [[two, { match: three.match }], 'BAD_OPTION: Option canary[1].share is missing'],
    [[{ share: 0.1 }], 'BAD_OPTION: Option canary[0].match is missing: say who belongs to it.'],
    [[{ ...two, match: {} }], 'BAD_OPTION: Option canary[0].match names nothing'],
    [{ ...two, match: { versoin: '2' } }, 'UNKNOWN_OPTION: There is no option "canary.match.versoin".'],
    [[{ ...two, weight: 1 }], 'UNKNOWN_OPTION: There is no option "canary[0].weight".'],
    [
      [
        { ...two, share: 0.6 },
        { ...three, share: 0.5 },
      ],
      'BAD_OPTION: Option canary has shares that add up to 1.1',
    ],
    [[three, { ...two, name: 'three' }], 'BAD_OPTION: Option canary has a name that is taken, "three"'],
    [[{ ...two, name: 'rest' }], 'BAD_OPTION: Option canary has a name that is taken, "rest"'],
    [0.05, 'BAD_OPTION: Option canary is 0.05: give an object with name, match, share.'],
    [[null], 'BAD_OPTION: Option canary[0] is null'],
  ])('refuses %j', (options, expected) => {
    expect(refusal(() => canaryPolicy(options as CanaryOptions[]))).toContain(expected)
  })
})
