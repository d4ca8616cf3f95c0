import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { localityPolicy, type LocalityOptions } from '../../../src/selection/tiers/locality-policy.js'
import { levelsOf, localityOf } from '../../../src/selection/tiers/locality.js'
import { endpoint, idsOf, refusal } from './helpers.js'

function at(id: string, zone?: string, region?: string, datacenter?: string): Endpoint {
  const metadata = { ...(region && { region }), ...(datacenter && { datacenter }) }
  return endpoint(id, { zone, metadata })
}

function levels(endpoints: readonly Endpoint[], options: LocalityOptions): [string, string[]][] {
  return levelsOf(endpoints, localityPolicy(options).here).map(({ name, endpoints: all }) => [
    name,
    idsOf(all),
  ])
}

const everywhere = [
  at('far', 'z', 'r', 'asia'),
  at('us', 'a', 'east', 'us'),
  at('same-datacenter', 'c', 'west', 'eu'),
  at('same-region', 'b', 'north', 'eu'),
  at('near', 'a', 'north', 'eu'),
  at('unknown'),
]
const here = { zone: 'a', region: 'north', datacenter: 'eu' }

describe('localityOf', () => {
  test('zone is a field, the others are metadata', () => {
    expect(localityOf(at('x', 'a', 'north', 'eu').instance)).toEqual(here)
  })

  test('datacenter may be called dc; empty texts are unknown', () => {
    const of = (metadata: Record<string, string>): unknown => localityOf(endpoint('x', { metadata }).instance)
    expect(of({ dc: 'eu' })).toMatchObject({ datacenter: 'eu' })
    expect(of({ dc: 'eu', datacenter: 'us' })).toMatchObject({ datacenter: 'us' })
    expect(of({ dc: 'eu', datacenter: '', region: '' })).toMatchObject({
      datacenter: 'eu',
      region: undefined,
    })
    expect(of({})).toEqual({ zone: undefined, region: undefined, datacenter: undefined })
  })
})

describe('levelsOf', () => {
  test('the nearest first, in six steps', () => {
    expect(
      levels([...everywhere, at('split', 'd', 'north', 'eu2')], { ...here, datacenters: ['us'] }),
    ).toEqual([
      ['own zone', ['near']],
      ['own region', ['same-region']],
      ['own datacenter', ['same-datacenter']],
      ['datacenter us', ['us']],
      ['own region elsewhere', ['split']],
      ['elsewhere', ['far', 'unknown']],
    ])
  })

  test('a caller that knows only its zone has two levels, and one that knows nothing has one', () => {
    expect(levels(everywhere, { zone: 'a' })).toEqual([
      ['own zone', ['us', 'near']],
      ['elsewhere', ['far', 'same-datacenter', 'same-region', 'unknown']],
    ])
    expect(levels(everywhere, {})).toEqual([['elsewhere', idsOf(everywhere)]])
  })

  test('region and datacenter each make a difference', () => {
    expect(levels(everywhere, { region: 'north' })[0]).toEqual(['own region', ['same-region', 'near']])
    const eu = ['same-datacenter', 'same-region', 'near']
    expect(levels(everywhere, { datacenter: 'eu' })[0]).toEqual(['own datacenter', eu])
  })

  test('datacenters are asked in the order given; naming the own one there changes nothing', () => {
    const names = (datacenters: string[]): string[] =>
      levels(everywhere, { ...here, datacenters }).map(([name]) => name)
    const near = ['own zone', 'own region', 'own datacenter']
    expect(names([])).toEqual([...near, 'elsewhere'])
    expect(names(['asia', 'us'])).toEqual([...near, 'datacenter asia', 'datacenter us', 'elsewhere'])
    expect(names(['us', 'eu', 'asia'])).toEqual([...near, 'datacenter us', 'datacenter asia', 'elsewhere'])
  })

  test('who does not say where it is, is not near, not even to a caller who does not either', () => {
    expect(levels([at('unknown')], { zone: 'a' })).toEqual([['elsewhere', ['unknown']]])
    expect(levels([at('unknown')], {})).toEqual([['elsewhere', ['unknown']]])
  })

  test('the same name in two places is two names, if both sides say so', () => {
    const zones = [at('there', 'a', 'south'), at('here', 'a', 'north'), at('silent', 'a')]
    expect(levels(zones, { zone: 'a', region: 'north' })[0]).toEqual(['own zone', ['here', 'silent']])
    const regions = [at('there', 'b', 'north', 'us'), at('here', 'b', 'north', 'eu')]
    expect(levels(regions, { region: 'north', datacenter: 'eu' })).toEqual([
      ['own region', ['here']],
      ['own region elsewhere', ['there']],
    ])
  })

  test('a region of several datacenters: the own one first, then the others of the region', () => {
    const endpoints = [at('us', 'x', 'us', 'nyc'), at('ams', 'y', 'eu', 'ams'), at('fra', 'z', 'eu', 'fra')]
    expect(levels(endpoints, { region: 'eu', datacenter: 'fra' }).map(([, ids]) => ids)).toEqual([
      ['fra'],
      ['ams'],
      ['us'],
    ])
  })

  test('everybody is in one level, and no level is empty', () => {
    const place = fc.constantFrom(undefined, 'a', 'b', '')
    const places = fc.array(fc.tuple(place, place, place), { maxLength: 20 })
    const options = fc.record({ zone: place, region: place, datacenter: place })
    fc.assert(
      fc.property(
        places,
        options,
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
        (all, own, datacenters) => {
          const endpoints = all.map(([zone, region, datacenter], i) => at(`i${i}`, zone, region, datacenter))
          const result = levelsOf(endpoints, { ...own, datacenters })
          expect(result.flatMap((level) => idsOf(level.endpoints)).toSorted()).toEqual(
            idsOf(endpoints).toSorted(),
          )
          expect(result.every((level) => level.endpoints.length > 0)).toBe(true)
        },
      ),
    )
  })
})

describe('localityPolicy', () => {
  test('with callers, zones are shares instead of levels', () => {
    const { here: found, zones } = localityPolicy({ ...here, callers: { a: 3, b: 0 }, minEndpoints: 2 })
    expect(found).toEqual({ ...here, zone: undefined, datacenters: [] })
    expect(zones).toEqual({
      own: 'a',
      callers: new Map([
        ['a', 3],
        ['b', 0],
      ]),
      minEndpoints: 2,
    })
    expect(localityPolicy({ zone: 'a', callers: { a: 1 } }).zones?.minEndpoints).toBe(6)
    expect(localityPolicy(here)).toEqual({ here: { ...here, datacenters: [] }, zones: undefined })
  })

  test.each([
    [{ zoen: 'a' }, 'UNKNOWN_OPTION: There is no option "locality.zoen". Did you mean locality.zone?'],
    [{ zone: '' }, 'BAD_OPTION: Option locality.zone is "": give a string that is not empty.'],
    [{ region: 7 }, 'BAD_OPTION: Option locality.region is 7'],
    [{ datacenters: 'eu' }, 'BAD_OPTION: Option locality.datacenters is "eu": give a list of strings.'],
    [{ datacenters: ['eu', 'eu'] }, 'BAD_OPTION: Option locality.datacenters names "eu" twice'],
    [{ datacenters: [''] }, 'BAD_OPTION: Option locality.datacenters holds an empty text'],
    [{ zone: 'a', callers: [1] }, 'BAD_OPTION: Option locality.callers is an array: give an object such as'],
    [{ zone: 'a', callers: { b: -1 } }, 'BAD_OPTION: Option locality.callers.b is -1'],
    [{ zone: 'a', callers: { b: '3' } }, 'BAD_OPTION: Option locality.callers.b is "3"'],
    [{ callers: { b: 1 } }, 'BAD_OPTION: Option locality.callers is given without locality.zone'],
    [{ minEndpoints: 1.5 }, 'BAD_OPTION: Option locality.minEndpoints is 1.5: give a whole number from 0'],
    ['a', 'BAD_OPTION: Option locality is "a": give an object with zone, region, datacenter'],
    [null, 'BAD_OPTION: Option locality is null'],
  ])('refuses %j', (options, expected) => {
    expect(refusal(() => localityPolicy(options as LocalityOptions))).toContain(expected)
  })

  test('an option that is undefined is one not given', () => {
    const options = { zone: undefined, callers: undefined } as unknown as LocalityOptions
    expect(localityPolicy(options)).toEqual(localityPolicy({}))
  })
})
