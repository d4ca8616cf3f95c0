import { describe, expect, test } from 'vitest'
import { chosenContenders, contenders, nameOf } from '../../lab/src/calls/contender.js'
import type { FaultName } from '../../lab/src/calls/fault.js'
import { judge } from '../../lab/src/calls/must.js'
import { headLine, rowLine, rowsOf, type Row } from '../../lab/src/calls/row.js'
import { Tally, type Summary } from '../../lab/src/calls/tally.js'

const row = (fields: Partial<Row>): Row => ({
  fault: 'kill',
  balancer: 'weighted',
  strategy: 'failover',
  made: 1000,
  failed: 0,
  requestsPerCall: 1,
  p50Ms: 20,
  p99Ms: 30,
  p99WithoutFaultMs: 30,
  ...fields,
})

describe('what the lab of calls must show', () => {
  const broken = (rows: readonly Row[], isQuick = false): Row[] =>
    judge(rows, isQuick).flatMap(({ breaches }) => breaches)

  test.each<FaultName>(['kill', 'freeze', 'resets'])('no call fails with failover under %s', (fault) => {
    const bad = row({ fault, failed: 1 })
    expect(broken([bad, row({ fault })])).toEqual([bad])
    expect(broken([bad], true)).toEqual([bad])
  })

  test('no call fails while all are replaced, whatever the strategy', () => {
    const bad = row({ fault: 'rolling', strategy: 'failfast', failed: 1 })
    expect(broken([bad, row({ fault: 'rolling' })])).toEqual([bad])
  })

  test('peak-ewma keeps the 99th percentile under a slow one within one and a half times, in a full run', () => {
    const slow = { fault: 'slow', balancer: 'peak-ewma' } as const
    const bad = row({ ...slow, p99Ms: 45.1 })
    expect(broken([bad, row({ ...slow, p99Ms: 45 }), row({ fault: 'slow', p99Ms: 500 })])).toEqual([bad])
    expect(judge([bad], true)).toEqual([])
    expect(broken([row({ ...slow, p99Ms: Number.NaN })])).toHaveLength(1)
  })

  test('other failures break nothing, and what no row is about is left out', () => {
    expect(
      judge([row({ fault: 'errors', failed: 9 }), row({ strategy: 'failfast', failed: 9 })], false),
    ).toEqual([])
    expect(judge([row({})], false).map(({ rows }) => rows)).toEqual([1])
  })
})

describe('a tally', () => {
  test('counts calls, and keeps the first errors', () => {
    const tally = new Tally()
    for (let i = 0; i < 5; i++) {
      tally.begin(0)
      tally.end(10, `error ${i}`)
    }
    tally.begin(0)
    expect(tally.summary()).toMatchObject({ made: 6, failed: 5, errors: ['error 0', 'error 1', 'error 2'] })
  })

  test('gives the smallest time that a share does not exceed', () => {
    const tally = new Tally()
    for (let ms = 200; ms > 0; ms--) {
      tally.begin(ms / 10)
      tally.end(ms)
    }
    expect(tally.summary()).toMatchObject({ p50Ms: 100, p99Ms: 198, p99LateMs: 19.8 })
  })
})

describe('a row', () => {
  const summary = (fields: Partial<Summary>): Summary => ({ ...new Tally().summary(), ...fields })
  const contender = { balancer: 'ring', strategy: 'failover' } as const

  test('tells what was made of the fault, beside the time without it', () => {
    const before = summary({ made: 10, p99Ms: 7 })
    const during = summary({ made: 8, failed: 1, requests: 10, p50Ms: 3, p99Ms: 9 })
    const [made] = rowsOf({ fault: 'slow', results: [{ contender, before, during }] } as never)
    expect(made).toEqual({
      ...contender,
      fault: 'slow',
      made: 8,
      failed: 1,
      requestsPerCall: 1.25,
      p50Ms: 3,
      p99Ms: 9,
      p99WithoutFaultMs: 7,
    })
    expect(rowLine(made!).split(/ +/)).toEqual(['ring', 'failover', '8', '1', '1.25', '3.0', '9.0', '7.0'])
    expect(rowLine(made!)).toHaveLength(headLine.length)
  })

  test('of a phase without calls is refused: it would look like one without failures', () => {
    const [some, none] = [summary({ made: 10 }), summary({ made: 0 })]
    for (const [before, during] of [
      [some, none],
      [none, some],
    ]) {
      const outcome = { fault: 'kill', results: [{ contender, before, during }] } as never
      expect(() => rowsOf(outcome)).toThrow(/overloaded/)
    }
  })
})

describe('the ways to call', () => {
  const chosen = (...only: string[]): string[] => chosenContenders(only, false).map(nameOf)

  test('are all of them, or those that a filter names in whole or in half', () => {
    expect(chosen()).toEqual(contenders.map(nameOf))
    expect(chosen('ring/failover')).toEqual(['ring/failover'])
    expect(chosen('hedging')).toEqual(['weighted/hedging', 'peak-ewma/hedging'])
    expect(chosenContenders([], true).length).toBeLessThan(contenders.length)
  })

  test('that there are not are refused with those that there are', () => {
    expect(() => chosen('ring', 'wheel')).toThrow(/--only wheel: give one of weighted\/failover, /)
  })
})
