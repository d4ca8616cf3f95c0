import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { xorshift32 } from '../../src/random.js'
import type { Outcome } from '../../src/selection/outcome.js'
import type { Pick } from '../../src/selection/pick.js'
import { acquired, bench, fiveFailures, instance, instances } from './helpers.js'

describe('a pick', () => {
  test('is counted until its first outcome; later ones are ignored', () => {
    const { selector } = bench(instances(1))
    const endpoint = selector.endpoints[0]!
    const pick = acquired(selector)
    expect(endpoint.inFlight).toBe(1)
    pick.done('failed')
    pick.done('ok')
    pick[Symbol.dispose]()
    expect(endpoint.inFlight).toBe(0)
    expect(endpoint.consecutiveFailures).toBe(1)
  })

  test('disposed of is cancelled', () => {
    const { selector } = bench(instances(1))
    acquired(selector)[Symbol.dispose]()
    expect(selector.endpoints[0]).toMatchObject({ inFlight: 0, consecutiveFailures: 0 })
  })

  test('refuses a word that is no outcome and stays open', () => {
    const { selector } = bench(instances(1))
    const pick = acquired(selector)
    expect(() => pick.done('success' as never)).toThrow(/Option outcome is "success"/)
    expect(() => pick.done(undefined as never)).toThrow(/BAD_OPTION|Option outcome/)
    expect(selector.endpoints[0]!.inFlight).toBe(1)
    pick.done('ok')
    expect(selector.endpoints[0]!.inFlight).toBe(0)
  })

  test('keeps the instance as it was picked', () => {
    const { selector } = bench([instance('a')])
    const pick = acquired(selector)
    selector.update([instance('a', { weight: 9 })])
    expect(pick.instance.weight).toBe(1)
    expect(pick.endpoint.instance.weight).toBe(9)
  })

  test('is none after close, whatever calls under way come to', () => {
    const { selector } = bench(instances(2))
    const [first, second] = [acquired(selector), acquired(selector)]
    first.done('failed')
    selector.close()
    second.done('refused')
    expect(selector.pick()).toBeUndefined()
    expect(selector.acquire()).toBe('nobody')
    expect(selector.explainPick()).toBeUndefined()
    selector.update(instances(3))
    expect(selector.pick()).toBeUndefined()
  })

  test('without acquire counts nothing', () => {
    const { selector } = bench(instances(1))
    selector.pick()
    expect(selector.endpoints[0]!.inFlight).toBe(0)
  })
})

describe('tried ones', () => {
  test.each(['weighted', 'round-robin', 'random', 'weighted-random'] as const)(
    'come last: %s',
    (balancer) => {
      const set = [instance('a', { weight: 60_000 }), instance('b'), instance('c')]
      const { selector } = bench(set, { balancer })
      for (let i = 0; i < 100; i++) {
        const tried = new Set<Pick['endpoint']>()
        const ids = set.map(() => {
          const pick = acquired(selector, { tried })
          tried.add(pick.endpoint)
          return pick.instance.id
        })
        expect(ids.toSorted()).toEqual(['a', 'b', 'c'])
        expect(acquired(selector, { tried })).toBeDefined()
      }
    },
  )

  test('come last even with a balancer that always chooses the same', () => {
    const { selector } = bench(instances(2), { balancer: (all) => all[0] })
    const first = acquired(selector)
    expect(acquired(selector, { tried: new Set([first.endpoint]) }).instance.id).toBe('i1')
  })
})

test('exclusions are plain data for every endpoint that is no candidate', () => {
  const { selector, tell } = bench([
    ...instances(4),
    instance('w', { weight: 0 }),
    instance('x', { status: 'down' }),
  ])
  tell('i0', ...fiveFailures)
  tell('i1', 'refused')
  expect(selector.exclusions()).toEqual([
    { id: 'i0', url: 'http://i0.test:3000', reason: 'failing' },
    { id: 'i1', url: 'http://i1.test:3000', reason: 'refused' },
    { id: 'w', url: 'http://w.test:3000', reason: 'weight 0' },
    { id: 'x', url: 'http://x.test:3000', reason: 'down' },
  ])
})

type Step =
  | { do: 'acquire' }
  | { do: 'done'; which: number; outcome: Outcome; twice: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'update'; keep: number; weight: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant({ do: 'acquire' as const }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('done' as const),
        which: fc.nat(),
        outcome: fc.constantFrom<Outcome>('ok', 'failed', 'failed', 'refused', 'cancelled'),
        twice: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('update' as const), keep: fc.nat(255), weight: fc.nat(3) }),
    },
  ),
  { maxLength: 150 },
)

test('whatever callers do: in flight returns to 0, somebody is left, no ejected one is picked outside panic', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.integer(), steps, async (size, seed, script) => {
      const { selector, clock } = bench(instances(size), { balancer: 'weighted', random: xorshift32(seed) })
      const open: Pick[] = []
      const seen = new Set(selector.endpoints)
      for (const step of script) {
        const out = selector.endpoints.filter(
          ({ ejectedFor, ejectedUntil }) => ejectedFor !== undefined && clock.now() < ejectedUntil,
        )
        const suspects = out.filter(({ ejectedFor }) => ejectedFor === 'failures').length
        const pool = size === 0 ? 0 : selector.endpoints.length - (out.length - suspects)
        if (step.do === 'acquire') {
          const pick = acquired(selector)
          // Nobody is held, down or draining here, so that there is always somebody.
          expect(pick).toBeDefined()
          const isPanic = pool === 0 || suspects * 2 > pool
          if (!isPanic) expect(out).not.toContain(pick.endpoint)
          open.push(pick)
        } else if (step.do === 'done' && open.length > 0) {
          const [pick] = open.splice(step.which % open.length, 1)
          pick!.done(step.outcome)
          if (step.twice) pick!.done('failed')
        } else if (step.do === 'wait') {
          await clock.advance(step.ms)
        } else if (step.do === 'update') {
          const kept = instances(size).filter((_, i) => i === 0 || (step.keep >> i) & 1)
          selector.update(kept.map(({ id }) => instance(id, { weight: step.weight })))
          for (const endpoint of selector.endpoints) seen.add(endpoint)
        }
      }
      for (const pick of open) pick[Symbol.dispose]()
      expect([...seen].map(({ inFlight }) => inFlight)).toEqual([...seen].map(() => 0))
    }),
    { numRuns: 200 },
  )
})

test('on suspicion alone never more than half of a fixed set are out, and never the last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.tuple(fc.boolean(), fc.nat(20_000)), { maxLength: 120 }),
      async (size, calls) => {
        const { selector, clock } = bench(instances(size), { balancer: 'random' })
        for (const [fails, ms] of calls) {
          acquired(selector).done(fails ? 'failed' : 'ok')
          if (ms > 15_000) await clock.advance(ms)
          expect(selector.exclusions().length).toBeLessThanOrEqual(Math.floor(size / 2))
        }
      },
    ),
    { numRuns: 100 },
  )
})
