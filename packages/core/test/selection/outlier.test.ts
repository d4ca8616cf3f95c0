import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRollcallError } from '../../src/errors.js'
import { Endpoint } from '../../src/selection/endpoint.js'
import { mayEject, outlierPolicy, type OutlierOptions } from '../../src/selection/outlier-policy.js'
import { rateOutliers } from '../../src/selection/outlier-rates.js'
import type { Outcome } from '../../src/selection/outcome.js'
import { acquired, bench, fiveFailures, instance, instances, type Bench } from './helpers.js'

function withOutlier(n: number, outlier: OutlierOptions | false): Bench {
  return bench(instances(n), { outlier: outlierPolicy(outlier) })
}

function times(n: number, outcome: Outcome): Outcome[] {
  return Array.from({ length: n }, () => outcome)
}

/** An endpoint with so many calls in the present interval, and so many of them failed. */
function counted(id: string, calls: number, failures: number): Endpoint {
  const endpoint = new Endpoint(instance(id))
  endpoint.windowCalls = calls
  endpoint.windowFailures = failures
  return endpoint
}

function reasonsOf(endpoints: readonly Endpoint[], options: OutlierOptions = {}): Record<string, string> {
  const found = rateOutliers(endpoints, outlierPolicy(options))
  return Object.fromEntries(found.map(({ endpoint, reason }) => [endpoint.instance.id, reason]))
}

describe('small sets', () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
    [10, 5],
  ])('of %i endpoints at most %i are ejected on suspicion', (n, most) => {
    const { selector, tell, candidates } = withOutlier(n, { failures: 1 })
    for (const { id } of instances(n)) if (candidates().includes(id)) tell(id, 'failed')
    expect(selector.endpoints.filter(({ ejectedFor }) => ejectedFor)).toHaveLength(most)
  })

  test('the last one is never ejected, whatever maxShare is', () => {
    for (let pool = 1; pool < 30; pool++) {
      expect(mayEject(pool - 1, pool, outlierPolicy({ maxShare: 1 }))).toBe(false)
      expect(mayEject(0, pool, outlierPolicy({ maxShare: 0 }))).toBe(false)
      expect(mayEject(0, pool, outlierPolicy({ maxShare: 0.01 }))).toBe(pool >= 2)
    }
  })
})

describe('options', () => {
  test('failures: how many in a row eject, and 0 ejects nobody', () => {
    for (const failures of [1, 3, 7]) {
      const { tell, candidates } = withOutlier(4, { failures })
      tell('i0', ...times(failures - 1, 'failed'))
      expect(candidates()).toContain('i0')
      tell('i0', 'failed')
      expect(candidates()).not.toContain('i0')
    }
    const { tell, candidates } = withOutlier(4, { failures: 0 })
    tell('i0', ...times(40, 'failed'))
    expect(candidates()).toContain('i0')
  })

  test('false suspects nobody, but a refusal stays a fact', () => {
    const { tell, candidates, reasons } = withOutlier(4, false)
    tell('i0', ...times(40, 'failed'))
    tell('i1', 'refused')
    expect(candidates()).toEqual(['i0', 'i2', 'i3'])
    expect(reasons()).toEqual({ i1: 'refused' })
  })

  test('baseMs and longestMs: how long it lasts, the longer the oftener', async () => {
    const { tell, events, clock } = withOutlier(4, { baseMs: 1_000, longestMs: 2_500, intervalMs: 100_000 })
    for (const expected of [1_000, 2_000, 2_500, 2_500]) {
      tell('i0', ...(expected === 1_000 ? fiveFailures : (['failed'] as const)))
      expect(events.findLast(({ type }) => type === 'endpoint.ejected')).toMatchObject({ forMs: expected })
      await clock.advance(expected)
    }
  })

  test('intervalMs: in service for so long, an ejection is forgotten', async () => {
    for (const [intervalMs, second] of [
      [1_000, 30_000],
      [100_000, 60_000],
    ] as const) {
      const { tell, events, clock } = withOutlier(4, { intervalMs })
      tell('i0', ...fiveFailures)
      await clock.advance(30_000)
      tell('i0', 'ok')
      await clock.advance(1_500)
      tell('i0', ...fiveFailures)
      expect(events.at(-1)).toMatchObject({ type: 'endpoint.ejected', forMs: second })
    }
  })

  test('maxShare: how many may be out at once', () => {
    for (const [maxShare, most] of [
      [0, 0],
      [0.1, 1],
      [0.3, 3],
      [1, 9],
    ] as const) {
      const { selector, tell, candidates } = withOutlier(10, { maxShare, failures: 1 })
      for (const { id } of instances(10)) if (candidates().includes(id)) tell(id, 'failed')
      expect(selector.endpoints.filter(({ ejectedFor }) => ejectedFor)).toHaveLength(most)
    }
  })

  test.each([
    [{ failures: -1 }, 'BAD_OPTION', /outlier\.failures is -1/],
    [{ failureShare: 2 }, 'BAD_OPTION', /outlier\.failureShare is 2.*0 to 1/],
    [{ maxShare: Number.NaN }, 'BAD_OPTION', /outlier\.maxShare is NaN/],
    [{ baseMs: 9_000, longestMs: 1_000 }, 'BAD_OPTION', /more than outlier\.longestMs of 1000/],
    [{ failure: 1 }, 'UNKNOWN_OPTION', /outlier\.failures/],
    [7, 'BAD_OPTION', /outlier is 7/],
    [null, 'BAD_OPTION', /outlier is null/],
  ])('%j is an error', (options, code, message) => {
    let error: unknown
    try {
      outlierPolicy(options as never)
    } catch (thrown) {
      error = thrown
    }
    expect(isRollcallError(error, code as never)).toBe(true)
    expect((error as Error).message).toMatch(message)
  })
})

describe('rates', () => {
  const four = ['b', 'c', 'd', 'e'].map((id) => counted(id, 200, 0))

  test('success-rate: below the mean by 1.9 standard deviations', () => {
    expect(reasonsOf([counted('a', 200, 40), ...four])).toEqual({ a: 'success-rate' })
    // Mean 0.96, deviation 0.08: the least is 0.808, and 0.8 lies below it.
    expect(reasonsOf([counted('a', 200, 40), ...four], { successRateFactor: 2.1 })).toEqual({})
    expect(reasonsOf([counted('a', 200, 40), ...four], { successRateFactor: 0 })).toEqual({})
  })

  test('success-rate: nobody when all are equally bad', () => {
    expect(reasonsOf(['a', 'b', 'c', 'd', 'e'].map((id) => counted(id, 200, 100)))).toEqual({})
  })

  test('success-rate: wants enough calls and enough endpoints', () => {
    expect(reasonsOf([counted('a', 99, 30), ...four])).toEqual({})
    expect(reasonsOf([counted('a', 99, 30), ...four], { successRateCalls: 99 })).toEqual({
      a: 'success-rate',
    })
    expect(reasonsOf([counted('a', 200, 90), ...four.slice(1)])).toEqual({})
    const wants = { successRateEndpoints: 4, successRateFactor: 1.5 }
    expect(reasonsOf([counted('a', 200, 90), ...four.slice(1)], wants)).toEqual({ a: 'success-rate' })
  })

  test('failure-share: from 85 % on, when enough had enough calls', () => {
    const all = ['b', 'c', 'd', 'e'].map((id) => counted(id, 50, 40))
    const off = { successRateFactor: 0 }
    expect(reasonsOf([counted('a', 100, 85), ...all], off)).toEqual({ a: 'failure-share' })
    expect(reasonsOf([counted('a', 100, 84), ...all], off)).toEqual({})
    expect(reasonsOf([counted('a', 100, 84), ...all], { ...off, failureShare: 0.84 })).toHaveProperty('a')
    expect(reasonsOf([counted('a', 100, 85), ...all], { ...off, failureShare: 0 })).toEqual({})
    expect(reasonsOf([counted('a', 49, 49), ...all], off)).toEqual({})
    expect(reasonsOf([counted('a', 49, 49), ...all], { ...off, failureShareCalls: 49 })).toHaveProperty('a')
    expect(reasonsOf([counted('a', 100, 85), ...all.slice(1)], off)).toEqual({})
    const few = { ...off, failureShareEndpoints: 4 }
    expect(reasonsOf([counted('a', 100, 85), ...all.slice(1)], few)).toHaveProperty('a')
  })

  test('the worst goes first, and the limit holds', async () => {
    const { selector, tell, clock, events } = withOutlier(6, {
      failures: 0,
      failureShareCalls: 10,
      maxShare: 0.34,
    })
    for (const [i, bad] of [9, 10, 8.5, 0, 0, 0].entries()) {
      for (let call = 0; call < 20; call++) tell(`i${i}`, call < bad * 2 ? 'failed' : 'ok')
    }
    expect(events).toEqual([])
    await clock.advance(10_000)
    for (let i = 0; i < 32; i++) tell('i5', 'ok')
    const ejected = events.filter(({ type }) => type === 'endpoint.ejected')
    expect(ejected).toMatchObject([
      { id: 'i1', reason: 'failure-share' },
      { id: 'i0', reason: 'failure-share' },
    ])
    expect(selector.endpoints.every(({ windowCalls }) => windowCalls < 32)).toBe(true)
  })
})

describe('a pause that was asked for', () => {
  test('takes it out for so long and no longer, and is no fault', async () => {
    const { selector, candidates, reasons, clock, events, tell } = bench(instances(3))
    selector.pause(selector.endpoints[0]!, 2_000)
    expect(candidates()).toEqual(['i1', 'i2'])
    expect(reasons()).toEqual({ i0: 'busy' })
    await clock.advance(2_000)
    tell('i0', 'ok')
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    expect(selector.endpoints[0]!.timesEjected).toBe(0)
    expect(events.map(({ type }) => type)).toEqual(['endpoint.ejected', 'endpoint.returned'])
  })

  test('lasts 300 s at most', () => {
    const { selector, events } = bench(instances(3))
    selector.pause(selector.endpoints[0]!, 1e9)
    expect(events).toMatchObject([{ reason: 'busy', forMs: 300_000 }])
  })

  test('asked for by all, is heeded by none: panic', () => {
    const { selector, candidates } = bench(instances(2))
    for (const endpoint of selector.endpoints) selector.pause(endpoint, 5_000)
    expect(candidates()).toEqual(['i0', 'i1'])
  })
})

describe('probes', () => {
  test('that fail take an endpoint out, and that pass bring it back', () => {
    const { selector, candidates, reasons, events } = bench(instances(3))
    selector.settleProbe(selector.endpoints[1]!, 'failing')
    expect(candidates()).toEqual(['i0', 'i2'])
    expect(reasons()).toEqual({ i1: 'probes fail' })
    selector.settleProbe(selector.endpoints[1]!, 'passing')
    selector.settleProbe(selector.endpoints[1]!, 'passing')
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    expect(events).toEqual([
      { type: 'endpoint.probed', id: 'i1', verdict: 'failing' },
      { type: 'endpoint.probed', id: 'i1', verdict: 'passing' },
    ])
  })

  test('that pass return an ejected endpoint at once', () => {
    const { selector, candidates, tell, events } = bench(instances(3))
    tell('i0', 'refused')
    expect(candidates()).toEqual(['i1', 'i2'])
    selector.settleProbe(selector.endpoints[0]!, 'passing')
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    expect(events.at(-1)).toEqual({ type: 'endpoint.returned', id: 'i0' })
  })

  test('that fail speak against one held, as a failed call does', () => {
    const { selector, reasons } = bench(instances(3))
    selector.update(instances(3), new Set(['i0', 'i1', 'i2']))
    selector.settleProbe(selector.endpoints[0]!, 'failing')
    expect(reasons()).toEqual({ i0: 'missing' })
  })

  test('that all fail are not believed: panic', () => {
    const { selector, candidates } = bench(instances(4))
    for (const endpoint of selector.endpoints) selector.settleProbe(endpoint, 'failing')
    expect(candidates()).toHaveLength(4)
  })
})

test('whatever calls come to, the share ejected on suspicion stays within the limit and outside panic nobody ejected is picked', async () => {
  const outcome = fc.constantFrom<Outcome>('ok', 'failed', 'failed', 'refused', 'cancelled')
  const wait = fc.integer({ min: 0, max: 20_000 })
  // Rates are judged every 32 calls at most.
  const step = fc.record({ outcome, wait, times: fc.integer({ min: 1, max: 20 }) })
  const few = { failureShareCalls: 2, failureShareEndpoints: 2, successRateCalls: 2, successRateEndpoints: 2 }
  // Each rule alone, and all together: a limit of each would be no limit of all.
  const quickRules = [
    { failures: 2, failureShare: 0, successRateFactor: 0 },
    { failures: 0, failureShare: 0.4, successRateFactor: 0, intervalMs: 50_000, ...few },
    { failures: 0, failureShare: 0, successRateFactor: 0.5, intervalMs: 50_000, ...few },
    { failures: 2, failureShare: 0.4, successRateFactor: 0.5, intervalMs: 50_000, ...few },
  ]
  const met = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom<OutlierOptions>(...quickRules),
      fc.array(step, { maxLength: 40 }),
      async (n, maxShare, rules, steps) => {
        const { selector, clock } = bench(instances(n), {
          balancer: 'random',
          outlier: outlierPolicy({ maxShare, ...rules }),
        })
        for (const { outcome: end, wait } of steps.flatMap((each) => Array(each.times).fill(each))) {
          const pick = acquired(selector)
          const { panic } = selector.explain().groups[0]!
          const now = clock.now()
          const { ejectedFor, ejectedUntil } = pick.endpoint
          // A trial that has just begun counts as ejected until it ends.
          const isTrial = ejectedFor !== undefined && ejectedUntil === now + 30_000
          const isLast = selector.endpoints.every((each) => each.ejectedFor !== undefined)
          expect(ejectedFor === undefined || isTrial || panic || isLast).toBe(true)
          pick.done(end)
          await clock.advance(wait)
          const suspects = selector.endpoints.filter(
            ({ ejectedFor: why, ejectedUntil: until }) =>
              why !== undefined && why !== 'refused' && clock.now() < until,
          )
          for (const { ejectedFor: why } of suspects) met.add(why!)
          const refusing = selector.endpoints.filter(({ ejectedFor: why }) => why === 'refused').length
          const pool = n - refusing
          const limit = Math.min(pool - 1, Math.max(maxShare > 0 ? 1 : 0, Math.floor(n * maxShare)))
          if (refusing === 0) expect(suspects.length).toBeLessThanOrEqual(limit)
        }
        expect(selector.explain().inFlight).toBe(0)
      },
    ),
  )
  expect(met).toEqual(new Set(['failures', 'failure-share', 'success-rate']))
})
