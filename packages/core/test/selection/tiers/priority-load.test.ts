import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkOption } from '../../../src/options.js'
import {
  callable,
  priorityLoads,
  priorityOptions,
  type LevelHealth,
} from '../../../src/selection/tiers/priority-load.js'
import { refusal, sum } from './helpers.js'

const envoys = { overprovisioning: 1.4, panicThreshold: 0.5 }
const calm = { ...envoys, panicThreshold: 0 }

interface Row {
  readonly levels: readonly LevelHealth[]
  readonly loads: readonly number[]
  readonly panics: readonly boolean[]
}

/** A row of a table: `1/4 2/2 > 35 65`; without a total these are percents, and `35!` is a load in panic. */
function read(row: string): Row {
  const [levels, loads] = row.split(' > ').map((side) => side.split(' '))
  return {
    levels: levels!.map((level) => {
      const [healthy, total = '100'] = level.split('/')
      return { healthy: Number(healthy), total: Number(total) }
    }),
    loads: loads!.map(parseFloat),
    panics: loads!.map((load) => load.endsWith('!')),
  }
}

function counts(
  levels: readonly (readonly [number, number])[],
  policy = envoys,
): { loads: number[]; panics: boolean[] } {
  return percents(
    levels.map(([healthy, total]) => ({ healthy, total })),
    policy,
  )
}

function percents(levels: readonly LevelHealth[], policy = envoys): { loads: number[]; panics: boolean[] } {
  const loads = priorityLoads(levels, policy)
  return { loads: loads.map(({ load }) => load * 100), panics: loads.map(({ panic }) => panic) }
}

/** The documentation's percents, rounded somehow. */
function expectPercents(loads: readonly number[], expected: readonly number[]): void {
  expect(loads).toHaveLength(expected.length)
  loads.forEach((load, i) => expect(Math.abs(load - expected[i]!)).toBeLessThan(1))
}

/** Envoy's own: cut to whole percents, what is missing given to the first level. */
function expectCutPercents(loads: readonly number[], [first, ...others]: readonly number[]): void {
  expect(loads.slice(1).map(Math.floor)).toEqual(others)
  expect(first! - loads[0]!).toBeGreaterThanOrEqual(-1e-9)
  expect(first! - loads[0]!).toBeLessThan(loads.length)
}

const twoOneWhole = [
  '100 100 > 100 0',
  '72 100 > 100 0',
  '71 100 > 99 1',
  '50 100 > 70 30',
  '25 100 > 35 65',
  '0 100 > 0 100',
]
const two = [
  '100 100 > 100 0',
  '72 72 > 100 0',
  '71 71 > 99 1',
  '50 50 > 70 30',
  '25 100 > 35 65',
  '25 25 > 50 50',
]
const three = [
  '100 100 100 > 100 0 0',
  '72 72 100 > 100 0 0',
  '71 71 100 > 99 1 0',
  '50 50 100 > 70 30 0',
  '25 100 100 > 35 65 0',
  '25 25 100 > 35 35 30',
  '25 25 20 > 36 36 28',
]

describe("Envoy's documentation", () => {
  test.each([...twoOneWhole, ...two, ...three])('priority levels, panic aside: %s', (row) => {
    const { levels, loads } = read(row)
    expectPercents(percents(levels, calm).loads, loads)
  })

  test('healths of 20 and 30 take 40 and 60', () => {
    const { levels, loads } = read('20 30 > 40 60')
    expectPercents(percents(levels, { ...calm, overprovisioning: 1 }).loads, loads)
  })

  test.each([
    ...['72 100 > 100 0', '71 100 > 99 1', '50 100 > 70 30', '25 100 > 35 65', '0 100 > 0 100'],
    ...['72 72 > 100 0', '71 71 > 99 1', '25 25 > 50! 50!', '5 65 > 7! 93'],
    // The table has 50/50 and 25/75 in these two, which its own formula, the tables above and Envoy's tests contradict.
    ...['50 60 > 70 30', '25 100 > 35 65'],
  ])('panic threshold: %s', (row) => {
    const { levels, loads, panics } = read(row)
    const result = percents(levels)
    expectPercents(result.loads, loads)
    expect(result.panics).toEqual(panics)
  })

  test.each(['100 0 > 100 0', '71 0 > 100 0', '71 29 > 99 1', '25 65 > 35 65', '5 0 > 100 0'])(
    'degraded ones as a second level of the same total: %s',
    (row) => {
      const { levels, loads } = read(row)
      expectPercents(percents(levels, calm).loads, loads)
    },
  )
})

describe("Envoy's tests", () => {
  test.each([
    // PrioritySelection
    ...['0/1 0/1 > 50! 50!', '0/1 0/2 > 34! 66!', '0/1 0/2 1/1 > 0 0 100', '1/1 0/2 1/1 > 100 0 0'],
    // GentleFailover
    ...['1/1 1/1 > 100 0', '1/2 1/2 > 70 30', '1/4 2/2 > 35 65', '1/4 1/4 > 50! 50!', '0/4 1/6 > 40! 60!'],
    // GentleFailoverWithExtraLevels
    ...[
      '1/1 1/1 1/1 > 100 0 0',
      '1/2 1/2 1/2 > 70 30 0',
      '1/4 2/2 1/2 > 35 65 0',
      '1/4 1/4 1/4 > 35 35 30',
      '1/5 1/5 1/5 > 34! 33! 33!',
    ],
    ...[
      '0/5 0/5 5/5 > 0 0 100',
      '0/5 0/5 4/5 > 0 0 100',
      '0/5 0/5 2/5 > 34! 33! 33!',
      '0/5 0/3 0/2 > 50! 30! 20!',
    ],
    ...['0/5 2/6 1/3 > 37! 42! 21!', '0/3 0/3 0/3 > 34! 33! 33!'],
  ])('%s', (row) => {
    const { levels, loads, panics } = read(row)
    const result = percents(levels)
    expectCutPercents(result.loads, loads)
    expect(result.panics).toEqual(panics)
  })

  test('OverProvisioningFactor: 1 keeps to the healthy share', () => {
    const { levels, loads } = read('2/4 2/4 > 50 50')
    expectCutPercents(percents(levels, { ...envoys, overprovisioning: 1 }).loads, loads)
  })
})

describe('where ours is stricter', () => {
  test('an empty level gets nothing and is not in panic', () => {
    expect(
      counts([
        [0, 0],
        [0, 6],
        [0, 3],
      ]),
    ).toEqual({
      loads: [0, expect.closeTo(66.67, 1), expect.closeTo(33.33, 1)],
      panics: [false, true, true],
    })
    expect(
      counts([
        [0, 0],
        [1, 2],
      ]).loads,
    ).toEqual([0, 100])
  })

  test('nothing at all', () => {
    expect(counts([])).toEqual({ loads: [], panics: [] })
    expect(
      counts([
        [0, 0],
        [0, 0],
      ]),
    ).toEqual({ loads: [0, 0], panics: [false, false] })
  })

  test('with panic disabled and nobody healthy, everybody is used all the same', () => {
    const disabled = { ...envoys, panicThreshold: 0 }
    expect(
      counts(
        [
          [0, 3],
          [0, 1],
        ],
        disabled,
      ),
    ).toEqual({ loads: [75, 25], panics: [true, true] })
    expect(
      counts(
        [
          [1, 100],
          [0, 1],
        ],
        disabled,
      ),
    ).toEqual({ loads: [100, 0], panics: [false, false] })
  })

  test('what is just full is full, whatever floating point makes of it', () => {
    // 1.4 * 1 / 2 + 1.4 * 3 / 14 is 0.9999999999999999.
    const result = counts([
      [1, 2],
      [3, 14],
    ])
    expect(result.panics).toEqual([false, false])
  })
})

describe('the unreachable', () => {
  test('lessen what a level takes', () => {
    const refusing = { healthy: 1, total: 5, unreachable: 4 }
    const spilled = percents([refusing, { healthy: 5, total: 5 }])
    expectPercents(spilled.loads, [28, 72])
    expect(spilled.panics).toEqual([false, false])
  })

  test('are no part of panic, nor of the sizes that loads follow in panic', () => {
    expect(percents([{ healthy: 3, total: 10, unreachable: 6 }]).panics).toEqual([false])
    expect(percents([{ healthy: 1, total: 10, unreachable: 6 }]).panics).toEqual([true])
    const both = [
      { healthy: 0, total: 5, unreachable: 5 },
      { healthy: 0, total: 8, unreachable: 4 },
      { healthy: 0, total: 12 },
    ]
    expect(percents(both)).toEqual({ loads: [0, 25, 75], panics: [false, true, true] })
  })

  test('alone, they get nothing', () => {
    expect(percents([{ healthy: 0, total: 5, unreachable: 5 }])).toEqual({ loads: [0], panics: [false] })
  })
})

describe('options', () => {
  test('panicThreshold decides from where on health is not looked at', () => {
    const at = (panicThreshold: number): boolean[] => counts([[4, 10]], { ...envoys, panicThreshold }).panics
    expect(at(0.5)).toEqual([true])
    expect(at(0.4)).toEqual([false])
    expect(at(0)).toEqual([false])
  })

  test('overprovisioning decides from where on calls spill over', () => {
    const at = (overprovisioning: number): number =>
      counts(
        [
          [5, 10],
          [1, 1],
        ],
        { ...envoys, overprovisioning },
      ).loads[0]!
    expect(at(1)).toBeCloseTo(50)
    expect(at(1.4)).toBeCloseTo(70)
    expect(at(2)).toBeCloseTo(100)
  })

  test.each([
    ['overprovisioning', 0.9, 'a number from 1 to 100'],
    ['overprovisioning', NaN, 'a number from 1 to 100'],
    ['panicThreshold', 50, 'a number from 0 to 1'],
    ['panicThreshold', '50%', 'a number from 0 to 1'],
  ] as const)('%s: %j is refused', (name, value, fix) => {
    const said = refusal(() => checkOption(name, priorityOptions[name], value))
    expect(said).toContain(`BAD_OPTION: Option ${name} is`)
    expect(said).toContain(fix)
  })
})

describe('properties', () => {
  const level = fc
    .tuple(fc.nat(30), fc.nat(30), fc.nat(30))
    .map(([healthy, suspect, unreachable]): LevelHealth => ({
      healthy,
      total: healthy + suspect + unreachable,
      unreachable,
    }))
  const policy = fc.record({
    overprovisioning: fc.double({ min: 1, max: 5, noNaN: true }),
    panicThreshold: fc.double({ min: 0, max: 1, noNaN: true }),
  })

  test('loads add up to 1, none is negative, and only who is there gets any', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 6 }), policy, (levels, given) => {
        const loads = priorityLoads(levels, given)
        const isAnybody = levels.some((each) => callable(each) > 0)
        expect(sum(loads.map(({ load }) => load))).toBeCloseTo(isAnybody ? 1 : 0, 9)
        loads.forEach(({ load, panic }, i) => {
          const { healthy } = levels[i]!
          expect(load).toBeGreaterThanOrEqual(0)
          if (callable(levels[i]!) === 0) expect({ load, panic }).toEqual({ load: 0, panic: false })
          // A load on a level where nobody is healthy is only borne in panic.
          if (load > 0 && healthy === 0) expect(panic).toBe(true)
        })
      }),
    )
  })

  test('nobody healthy goes without load while healthy ones are too few', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 6 }), policy, (levels, given) => {
        const health = sum(
          levels.map(({ healthy, total }) =>
            total > 0 ? Math.min(1, (given.overprovisioning * healthy) / total) : 0,
          ),
        )
        fc.pre(health < 1)
        const loads = priorityLoads(levels, given)
        levels.forEach(({ healthy }, i) => {
          if (healthy > 0) expect(loads[i]!.load).toBeGreaterThan(0)
        })
      }),
    )
  })

  test('one more healthy endpoint never lessens the load of its level and those before, out of panic', () => {
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), policy, fc.nat(5), (levels, given, at) => {
        const place = at % levels.length
        fc.pre(levels[place]!.healthy < callable(levels[place]!))
        const better = levels.map((each, i) => (i === place ? { ...each, healthy: each.healthy + 1 } : each))
        const before = priorityLoads(levels, given)
        const after = priorityLoads(better, given)
        fc.pre([...before, ...after].every(({ panic }) => !panic))
        expect(after[place]!.load).toBeGreaterThanOrEqual(before[place]!.load - 1e-9)
      }),
    )
  })

  test('panic is for those below the threshold, and never while healths make 1', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 6 }), policy, (levels, given) => {
        const loads = priorityLoads(levels, given)
        const isSomewhereFull = levels.some(
          ({ healthy, total }) => total > 0 && given.overprovisioning * healthy >= total,
        )
        if (isSomewhereFull) expect(loads.some(({ panic }) => panic)).toBe(false)
        loads.forEach(({ panic }, i) => {
          const { healthy } = levels[i]!
          if (panic && healthy > 0) expect(healthy / callable(levels[i]!)).toBeLessThan(given.panicThreshold)
        })
      }),
    )
  })
})
