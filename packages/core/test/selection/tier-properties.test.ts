import fc from 'fast-check'
import { expect, test } from 'vitest'
import { xorshift32 } from '../../src/random.js'
import type { Endpoint } from '../../src/selection/endpoint.js'
import type { Outcome } from '../../src/selection/outcome.js'
import type { Pick } from '../../src/selection/pick.js'
import type { ServiceOptions } from '../../src/service-options.js'
import { selectionOf } from '../../src/service-options.js'
import { bench, instance, type Bench } from './helpers.js'

const views: fc.Arbitrary<ServiceOptions> = fc.record(
  {
    canary: fc.constantFrom<NonNullable<ServiceOptions['canary']>>(
      { match: { version: '2.x' }, share: 0.2 },
      { match: { version: '2.x' }, share: 0 },
      [
        { match: { version: '2.x' }, share: 0.7 },
        { match: { version: '1.x' }, share: 0.3 },
      ],
    ),
    locality: fc.constantFrom<NonNullable<ServiceOptions['locality']>>(
      { zone: 'a' },
      { zone: 'a', callers: { a: 3, b: 1 }, minEndpoints: 1 },
      { zone: 'c', callers: { a: 3, b: 1, c: 1 }, minEndpoints: 2 },
    ),
    subset: fc.record({ size: fc.integer({ min: 1, max: 6 }), client: fc.nat(9) }),
    match: fc.constant({ metadata: { mine: 'yes' } }),
    balancer: fc.constantFrom('weighted', 'least-request', 'ring', 'maglev', 'rendezvous', 'peak-ewma'),
    panicThreshold: fc.constantFrom(0, 0.3, 0.5),
    outlier: fc.constantFrom({ failures: 1, maxShare: 1 }, { failures: 1 }, { failures: 2, baseMs: 1_000 }),
    maxInFlight: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
)

const member = fc.record({
  id: fc.nat(11),
  zone: fc.constantFrom('a', 'b', 'c', undefined),
  version: fc.constantFrom('1.0', '2.0', undefined),
  weight: fc.constantFrom(0, 1, 1, 5, 65_535),
  status: fc.constantFrom('up' as const, 'up' as const, 'up' as const, 'draining' as const, 'down' as const),
  mine: fc.constantFrom('yes', 'yes', 'no'),
  held: fc.boolean(),
})

const sets = fc.uniqueArray(member, { selector: ({ id }) => id, minLength: 1, maxLength: 12 })

type Members = ReturnType<typeof fc.sample<typeof member extends fc.Arbitrary<infer T> ? T : never>>

const outcomes = fc.constantFrom<Outcome>('ok', 'failed', 'failed', 'refused', 'cancelled')

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('acquire' as const), key: fc.option(fc.nat(20)) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('done' as const),
        which: fc.nat(),
        outcome: outcomes,
        twice: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), set: sets }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('probe' as const),
        which: fc.nat(),
        verdict: fc.constantFrom('passing' as const, 'failing' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('pause' as const), which: fc.nat(), ms: fc.nat(90_000) }),
    },
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
)

function list({ selector }: Bench, members: Members): void {
  const held = members.filter((each) => each.held).map(({ id }) => `i${id}`)
  const listed = members
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, zone, version, weight, status, mine }) =>
      instance(`i${id}`, {
        weight,
        status,
        metadata: { mine },
        ...(zone && { zone }),
        ...(version && { version }),
      }),
    )
  selector.update(listed, new Set(held))
}

test('with tiers, canaries and zones: shares make 1, lists are not empty, in flight returns to 0, what is learned stays', async () => {
  await fc.assert(
    fc.asyncProperty(views, sets, steps, fc.integer(), async (options, first, script, seed) => {
      const on = bench([], {
        ...selectionOf(options, () => {}),
        random: xorshift32(seed | 1),
      })
      const { selector, clock } = on
      list(on, first)
      const open: Pick[] = []
      const seen = new Map<string, Endpoint>()
      for (const step of script) {
        const { endpoints } = selector
        if (step.do === 'acquire') {
          const pick = selector.acquire({ key: step.key === null ? undefined : String(step.key) })
          if (typeof pick !== 'string') open.push(pick)
        } else if (step.do === 'done' && open.length > 0) {
          const [pick] = open.splice(step.which % open.length, 1)
          pick!.done(step.outcome)
          if (step.twice) pick![Symbol.dispose]()
        } else if (step.do === 'wait') await clock.advance(step.ms)
        else if (step.do === 'update') list(on, step.set)
        else if (step.do === 'probe' && endpoints.length > 0) {
          selector.settleProbe(endpoints[step.which % endpoints.length]!, step.verdict)
        } else if (step.do === 'pause' && endpoints.length > 0) {
          selector.pause(endpoints[step.which % endpoints.length]!, step.ms)
        }
        for (const endpoint of selector.endpoints) {
          const { id } = endpoint.instance
          if (seen.has(id) && endpoints.includes(seen.get(id)!)) expect(endpoint).toBe(seen.get(id))
          seen.set(id, endpoint)
          expect(endpoint.inFlight).toBeGreaterThanOrEqual(0)
        }
        const { members } = selector
        for (const { crowd } of selector.endpoints) {
          const peers = members.filter((each) => each.crowd === crowd)
          if (crowd) expect(crowd.inFlight).toBe(peers.reduce((sum, { inFlight }) => sum + inFlight, 0))
        }
        expect(members.every(({ crowd }) => crowd)).toBe(true)
        const { groups, endpoints: told } = selector.explain()
        const active = groups.filter(({ candidates }) => candidates > 0)
        const total = active.reduce((sum, { share }) => sum + share, 0)
        const callable = selector.candidates()
        expect(callable.length > 0).toBe(active.length > 0)
        if (active.length > 0) expect(total).toBeCloseTo(1, 9)
        for (const { share, candidates } of groups) if (share > 1e-9) expect(candidates).toBeGreaterThan(0)
        const isAlive = told.some(
          ({ group, status, held, ejected }) =>
            group !== undefined && status !== 'down' && !(held && ejected?.reason === 'refused'),
        )
        if (isAlive) expect(callable.length).toBeGreaterThan(0)
        // What is told of an endpoint is what picks do.
        const free = told.filter(({ isCandidate, excluded }) => isCandidate || excluded === 'full')
        expect(free.map(({ id }) => id).toSorted()).toEqual(
          callable.map((each) => each.instance.id).toSorted(),
        )
        expect(callable.every(({ instance: { status } }) => status !== 'down')).toBe(true)
      }
      for (const pick of open) pick.done('cancelled')
      for (const endpoint of seen.values()) expect(endpoint.inFlight).toBe(0)
    }),
    { numRuns: 200 },
  )
})

test('with tiers, canaries and zones no ejected one is picked outside panic, while anybody else is there', async () => {
  await fc.assert(
    fc.asyncProperty(views, sets, steps, fc.integer(), async (options, first, script, seed) => {
      const { maxInFlight: _, ...unlimited } = options
      const on = bench([], {
        ...selectionOf(unlimited, () => {}),
        balancer: 'random',
        random: xorshift32(seed | 1),
      })
      const { selector, clock } = on
      list(
        on,
        first.map((each) => ({ ...each, held: false })),
      )
      for (const step of script) {
        if (step.do === 'wait') await clock.advance(step.ms)
        if (step.do !== 'done') continue
        const before = new Map(selector.explain().endpoints.map((each) => [each.id, each]))
        const { groups } = selector.explain()
        const pick = selector.acquire()
        if (typeof pick === 'string') continue
        const { ejected, group } = before.get(pick.instance.id)!
        const isOut = ejected !== undefined && ejected.forMs > 0
        const isPanic = groups.some(({ name, panic }) => name === group && panic)
        // When nobody but those who refuse is left, they are tried again.
        const isLast = [...before.values()].every(
          (each) => !each.isCandidate || (each.ejected?.forMs ?? 0) > 0,
        )
        if (isOut) expect(isPanic || isLast).toBe(true)
        pick.done(step.outcome)
      }
    }),
    { numRuns: 200 },
  )
})

test('a keyed pick is the same while nothing changed, whatever the others do', () => {
  const keyed = fc.constantFrom('ring' as const, 'maglev' as const, 'rendezvous' as const)
  fc.assert(
    fc.property(
      views,
      keyed,
      sets,
      fc.array(fc.nat(50)),
      fc.nat(20),
      (options, balancer, set, others, key) => {
        const { maxInFlight: _, ...unlimited } = options
        const selection = selectionOf({ ...unlimited, balancer }, () => {})
        const one = bench([], { ...selection, random: xorshift32(3) })
        const two = bench([], { ...selection, random: xorshift32(9) })
        for (const each of [one, two]) list(each, set)
        const chosen = one.selector.pick(String(key))?.id
        for (const other of others) {
          one.selector.pick(String(other))
          one.selector.acquire()
          one.selector.explainPick()
          expect(one.selector.pick(String(key))?.id).toBe(chosen)
        }
        // Another caller that sees the same set chooses the same.
        expect(two.selector.pick(String(key))?.id).toBe(chosen)
      },
    ),
    { numRuns: 200 },
  )
})
