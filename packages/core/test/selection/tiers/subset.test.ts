import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import { subsetOf, subsetPolicy, type SubsetOptions } from '../../../src/selection/tiers/subset.js'
import { endpoint, idsOf, refusal, sum } from './helpers.js'

const backends = (n: number): Endpoint[] =>
  Array.from({ length: n }, (_, i) => endpoint(`orders-10.0.${i >> 8}.${i & 255}-3000`))

const subsets = (all: readonly Endpoint[], size: number, clients: number): Set<string>[] =>
  Array.from({ length: clients }, (_, client) => new Set(idsOf(subsetOf(all, { size, client }))))

/** How many clients each endpoint has. */
function clientsOf(all: readonly Endpoint[], size: number, clients: number): number[] {
  const counts = new Map(idsOf(all).map((id) => [id, 0]))
  for (const subset of subsets(all, size, clients))
    for (const id of subset) counts.set(id, counts.get(id)! + 1)
  return [...counts.values()]
}

const added = (before: ReadonlySet<string>, after: ReadonlySet<string>): number =>
  [...after].filter((id) => !before.has(id)).length

describe('subsetOf', () => {
  test('takes so many, all different', () => {
    const numbers = fc.record({ n: fc.integer({ min: 0, max: 80 }), size: fc.integer({ min: 1, max: 90 }) })
    fc.assert(
      fc.property(numbers, fc.nat(4_294_967_295), ({ n, size }, client) => {
        const subset = subsetOf(backends(n), { size, client })
        expect(new Set(idsOf(subset)).size).toBe(Math.min(n, size))
        expect(subset).toHaveLength(Math.min(n, size))
      }),
      { numRuns: 50 },
    )
  })

  test('few are taken as they are', () => {
    const all = backends(5)
    expect(subsetOf(all, { size: 5, client: 3 })).toBe(all)
    expect(subsetOf([], { size: 5, client: 3 })).toEqual([])
  })

  test('the same whatever the order in which a store lists them', () => {
    const policy = { size: 10, client: 17 }
    const all = backends(100)
    expect(idsOf(subsetOf(all.toReversed(), policy)).toReversed()).toEqual(idsOf(subsetOf(all, policy)))
  })

  test('size decides how many, client which', () => {
    const all = backends(100)
    expect(subsetOf(all, { size: 7, client: 0 })).toHaveLength(7)
    expect(subsetOf(all, { size: 8, client: 0 })).toHaveLength(8)
    expect(idsOf(subsetOf(all, { size: 7, client: 0 }))).not.toEqual(
      idsOf(subsetOf(all, { size: 7, client: 1 })),
    )
  })

  test.each([
    [100, 20, 10],
    [100, 20, 97],
    [100, 20, 1000],
    [300, 90, 300],
    [1000, 20, 200],
    [50, 7, 33],
  ])('of %i endpoints, %i each: %i clients are even to within 2', (n, size, clients) => {
    const mean = (clients * size) / n
    for (const count of clientsOf(backends(n), size, clients))
      expect(Math.abs(count - mean)).toBeLessThanOrEqual(2)
  })

  test('evenness holds for any numbers', () => {
    const numbers = fc.record({
      n: fc.integer({ min: 2, max: 60 }),
      size: fc.integer({ min: 1, max: 30 }),
      clients: fc.integer({ min: 1, max: 100 }),
    })
    fc.assert(
      fc.property(numbers, ({ n, size, clients }) => {
        fc.pre(size < n)
        const counts = clientsOf(backends(n), size, clients)
        expect(sum(counts)).toBe(size * clients)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(4)
      }),
      { numRuns: 60 },
    )
  })

  test('when one leaves, a client changes at most 2 of its endpoints, and 0.6 of 20 in the mean', () => {
    const all = backends(100)
    const before = subsets(all, 20, 50)
    const changes = Array.from({ length: 25 }, (_, i) => all.toSpliced(i * 4, 1)).flatMap((left) =>
      subsets(left, 20, 50).map((after, client) => added(before[client]!, after)),
    )
    expect(Math.max(...changes)).toBeLessThanOrEqual(2)
    expect(sum(changes) / changes.length).toBeLessThan(0.6)
  })

  test('when one joins, a client changes at most 2 of its endpoints', () => {
    const all = backends(100)
    const before = subsets(all, 20, 50)
    const after = subsets([...all, endpoint('new')], 20, 50)
    after.forEach((subset, client) => expect(added(before[client]!, subset)).toBeLessThanOrEqual(2))
  })
})

describe('subsetPolicy', () => {
  test('takes both', () => {
    expect(subsetPolicy({ size: 20, client: 0 })).toEqual({ size: 20, client: 0 })
  })

  test.each([
    [{ client: 0 }, 'BAD_OPTION: Option subset.size is missing: give a whole number of endpoints'],
    [{ size: 20 }, 'BAD_OPTION: Option subset.client is missing: give each client a number'],
    [{ size: 0, client: 0 }, 'BAD_OPTION: Option subset.size is 0: give a whole number from 1'],
    [{ size: 2.5, client: 0 }, 'BAD_OPTION: Option subset.size is 2.5'],
    [{ size: 20, client: -1 }, 'BAD_OPTION: Option subset.client is -1'],
    [{ size: 20, client: 'web-0' }, 'BAD_OPTION: Option subset.client is "web-0"'],
    [
      { size: 20, cleint: 0 },
      'UNKNOWN_OPTION: There is no option "subset.cleint". Did you mean subset.client?',
    ],
    [20, 'BAD_OPTION: Option subset is 20: give an object with size, client.'],
  ])('refuses %j', (options, expected) => {
    expect(refusal(() => subsetPolicy(options as SubsetOptions))).toContain(expected)
  })
})
