import { ManualClock } from '@rollcall/testing'
import {
  connect,
  isRollcallError,
  type Registry,
  type RollcallEvent,
  type ServiceOptions,
} from '@rollcall/core'
import { xorshift32 } from '@rollcall/core/adapter'
import { MemoryStore } from '@rollcall/core/memory'
import { afterEach, describe, expect, test } from 'vitest'
import type { AnnounceOptions } from '../../src/announce.js'
import type { ServiceView } from '../../src/service-view.js'

const open: Registry[] = []
afterEach(() => Promise.all(open.splice(0).map((registry) => registry.close())))

type Fields = Partial<AnnounceOptions>

interface Scene {
  readonly view: ServiceView
  readonly events: RollcallEvent[]
  /** How many of so many picks fell on each instance, by id. */
  readonly share: (picks?: number) => Record<string, number>
  /** One call to this instance ends so. */
  readonly tell: (id: string, outcome: 'ok' | 'failed' | 'refused', times?: number) => void
}

/** A service of instances `a`, `b`, `c` … with these fields, seen through a view with these options. */
async function scene(fields: readonly Fields[], options: ServiceOptions): Promise<Scene> {
  const clock = new ManualClock()
  const registry = await connect('memory:', {
    store: new MemoryStore({ clock }),
    clock,
    random: xorshift32(5),
  })
  open.push(registry)
  const events: RollcallEvent[] = []
  registry.events.on('*', (event) => events.push(event))
  for (const [i, each] of fields.entries()) {
    await registry.announce({ service: 'orders', id: 'abcdefghijkl'[i]!, port: 1000 + i, ...each })
  }
  const view = registry.service('orders', options)
  const ready = view.ready()
  await clock.advance(1_000)
  await ready
  return {
    view,
    events,
    share(picks = 2_000) {
      const seen: Record<string, number> = {}
      for (let i = 0; i < picks; i++) {
        const { id } = view.pick()
        seen[id] = (seen[id] ?? 0) + 1
      }
      return Object.fromEntries(Object.entries(seen).map(([id, count]) => [id, count / picks]))
    },
    tell(id, outcome, times = 1) {
      for (let i = 0; i < times; i++) {
        const held = []
        for (;;) {
          const pick = view.acquire()
          if (pick.instance.id === id) {
            pick.done(outcome)
            break
          }
          held.push(pick)
          if (held.length > 1_000) throw new Error(`${id} is never picked`)
        }
        for (const pick of held) pick.done('cancelled')
      }
    },
  }
}

const three = [{}, {}, {}]

async function codeOf(options: unknown): Promise<string> {
  const registry = await connect('memory:', { store: new MemoryStore({ clock: new ManualClock() }) })
  open.push(registry)
  try {
    registry.service('orders', options as ServiceOptions)
  } catch (error) {
    return isRollcallError(error) ? `${error.code} ${error.message}` : String(error)
  }
  return 'no error'
}

describe('each option changes what is chosen', () => {
  test('balancer', async () => {
    const seen = await scene([{ weight: 1 }, { weight: 3 }], { balancer: 'weighted-random' })
    expect(seen.share()['b']).toBeCloseTo(0.75, 1)
    const turns = await scene([{ weight: 1 }, { weight: 3 }], { balancer: 'round-robin' })
    expect(turns.share()['b']).toBe(0.5)
    const mine = await scene(three, { balancer: (all) => all.find(({ instance }) => instance.id === 'c') })
    expect(mine.share()).toEqual({ c: 1 })
  })

  test('a balancer of one’s own is told the key', async () => {
    const keys: unknown[] = []
    const { view } = await scene(three, { balancer: (all, { key }) => (keys.push(key), all[0]) })
    view.pick()
    view.pick({ key: 7n })
    view.acquire({ key: 'x' }).done('ok')
    await view.call(() => 1, { key: true })
    expect(keys).toEqual([undefined, '7', 'x', 'true'])
    expect(() => view.pick({ key: {} as never })).toThrow(/key is an object/)
    expect(() => view.pick({ keys: 'x' } as never)).toThrow(/no option "keys".*key/)
  })

  test('match', async () => {
    const fields = [{ tags: ['eu'] }, { tags: ['eu', 'new'], version: '2.1.0' }, { metadata: { team: 'x' } }]
    expect((await scene(fields, { match: { tags: ['eu'] } })).share()).toEqual({ a: 0.5, b: 0.5 })
    expect((await scene(fields, { match: { version: '2.x' } })).share()).toEqual({ b: 1 })
    const { view, share } = await scene(fields, { match: { metadata: { team: 'x' } } })
    expect(share()).toEqual({ c: 1 })
    expect(view.explain().endpoints[0]).toMatchObject({ id: 'a', excluded: 'left out', isCandidate: false })
  })

  test('match that fits nobody is NO_INSTANCES, which says so', async () => {
    const { view } = await scene(three, { match: { zone: 'moon' } })
    expect(() => view.pick()).toThrow(/none of 3 can be called: a left out, b left out, c left out/)
  })

  test('canary', async () => {
    const fields = [{}, {}, { version: '2.0.0' }]
    const { share, view } = await scene(fields, { canary: { match: { version: '2.x' }, share: 0.1 } })
    expect(share(10_000)['c']).toBeCloseTo(0.1, 1)
    const chosen = new Set(Array.from({ length: 20 }, () => view.pick({ key: 'user-7' }).version))
    expect(chosen.size).toBe(1)
    const all = await scene(fields, { canary: { match: { version: '2.x' }, share: 1 } })
    expect(all.share()).toEqual({ c: 1 })
  })

  test('locality', async () => {
    const fields = [{ zone: 'a' }, { zone: 'a' }, { zone: 'b' }, { zone: 'b' }]
    const { share, tell, view } = await scene(fields, { locality: { zone: 'a' } })
    expect(share()).toEqual({ a: 0.5, b: 0.5 })
    expect(view.explain().endpoints[2]).toMatchObject({ excluded: 'spare', group: 'all/elsewhere' })
    // Half of the own zone being well, it takes 1.4 * 50 %, and the rest goes elsewhere.
    tell('b', 'failed', 5)
    const spilt = share(10_000)
    expect(spilt['a']).toBeCloseTo(0.7, 1)
    expect(spilt['c']! + spilt['d']!).toBeCloseTo(0.3, 1)
    expect(spilt['b']).toBeUndefined()
  })

  test('locality.callers: the own zone keeps what it can take', async () => {
    const fields = [{ zone: 'a' }, { zone: 'b' }, { zone: 'b' }, { zone: 'b' }]
    const callers = { a: 1, b: 1 }
    const locality = { zone: 'a', callers, minEndpoints: 1 }
    const { share } = await scene(fields, { locality })
    // Zone a has half of the callers and a quarter of the instances: it keeps half of its calls.
    expect(share(10_000)['a']).toBeCloseTo(0.5, 1)
    const few = await scene(fields, { locality: { ...locality, minEndpoints: 5 } })
    expect(few.share(10_000)['a']).toBeCloseTo(0.25, 1)
  })

  test('priority', async () => {
    const fields = [{ metadata: { rank: '2' } }, { metadata: { rank: '1' } }, { metadata: { rank: 'odd' } }]
    const priority: ServiceOptions['priority'] = ({ metadata }) => Number(metadata['rank'])
    const { share, tell, events, view } = await scene(fields, { priority })
    expect(share()).toEqual({ b: 1 })
    tell('b', 'refused')
    expect(share()).toEqual({ a: 1 })
    expect(view.explain().groups.map(({ name }) => name)).toEqual([
      'all/priority 1',
      'all/priority 2',
      'all/no priority',
    ])
    const failed = events.filter(({ type }) => type === 'listener.failed')
    expect(String((failed[0] as { error?: unknown }).error)).toMatch(/priority returned NaN for c/)
  })

  test('subset', async () => {
    const fields = Array.from({ length: 10 }, () => ({}))
    const mine = (await scene(fields, { subset: { size: 3, client: 0 } })).share()
    const yours = (await scene(fields, { subset: { size: 3, client: 1 } })).share()
    expect(Object.keys(mine)).toHaveLength(3)
    expect(Object.keys(yours)).toHaveLength(3)
    expect(Object.keys(mine)).not.toEqual(Object.keys(yours))
  })

  test('panicThreshold', async () => {
    const believed = await scene([{}, {}, {}, {}], {
      panicThreshold: 0,
      outlier: { maxShare: 1, failures: 1 },
    })
    const doubted = await scene([{}, {}, {}, {}], { outlier: { maxShare: 1, failures: 1 } })
    for (const { tell } of [believed, doubted]) for (const id of ['a', 'b', 'c']) tell(id, 'failed')
    expect(Object.keys(believed.share())).toEqual(['d'])
    expect(Object.keys(doubted.share())).toHaveLength(4)
    expect(doubted.events.some(({ type }) => type === 'panic.began')).toBe(true)
    expect(doubted.view.explain().groups[0]!.panic).toBe(true)
  })

  test('overprovisioning', async () => {
    const fields = [{ zone: 'a' }, { zone: 'a' }, { zone: 'b' }]
    const { share, tell } = await scene(fields, { locality: { zone: 'a' }, overprovisioning: 1 })
    tell('a', 'failed', 5)
    expect(share(10_000)['b']).toBeCloseTo(0.5, 1)
  })

  test('outlier', async () => {
    const { share, tell } = await scene(three, { outlier: { failures: 1 } })
    tell('a', 'failed')
    expect(Object.keys(share()).toSorted()).toEqual(['b', 'c'])
  })

  test('maxInFlight', async () => {
    const { view } = await scene(three, { maxInFlight: 2 })
    const picks = Array.from({ length: 6 }, () => view.acquire())
    expect(view.endpoints.map(({ inFlight }) => inFlight)).toEqual([2, 2, 2])
    expect(() => view.acquire()).toThrow(
      /The 3 instances of orders .* have 2 calls under way each, as many as maxInFlight allows/,
    )
    expect(() => view.pick()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    await expect(view.call(() => 1)).rejects.toMatchObject({ code: 'OVERLOADED' })
    picks[3]!.done('ok')
    expect(view.acquire().instance.id).toBe(picks[3]!.instance.id)
    expect(view.explain().endpoints.map(({ excluded }) => excluded)).toEqual(['full', 'full', 'full'])
  })
})

test.each([
  [{ balancer: 'fastest' }, /^BAD_OPTION.*balancer is "fastest": give one of weighted/],
  [{ balancer: 7 }, /^BAD_OPTION.*balancer is 7/],
  [{ balanser: 'random' }, /^UNKNOWN_OPTION.*Did you mean balancer/],
  [{ maxInFlight: 0 }, /^BAD_OPTION.*maxInFlight is 0: give a whole number from 1/],
  [{ overprovisioning: 0.5 }, /^BAD_OPTION.*overprovisioning is 0\.5/],
  [{ panicThreshold: 50 }, /^BAD_OPTION.*panicThreshold is 50.*0 to 1/],
  [{ locality: { zone: 'a' }, priority: () => 1 }, /^BAD_OPTION.*priority is given beside locality/],
  [{ priority: 3 }, /^BAD_OPTION.*priority is 3: give a function/],
  [{ match: { tag: 'x' } }, /^UNKNOWN_OPTION.*match\.tags/],
  [{ canary: { match: {}, share: 0.1 } }, /^BAD_OPTION.*canary\.match names nothing/],
  [{ subset: { size: 0, client: 0 } }, /^BAD_OPTION.*subset\.size is 0/],
  [{ outlier: { failurs: 1 } }, /^UNKNOWN_OPTION.*Did you mean outlier\.failures/],
  [null, /^BAD_OPTION.*options is null/],
])('%j is an error that says what would do', async (options, message) => {
  expect(await codeOf(options)).toMatch(message)
})

describe('explain', () => {
  test('is plain data that JSON carries', async () => {
    const { view, tell } = await scene([{ zone: 'a' }, { version: '2' }, { weight: 0 }], {})
    tell('a', 'refused')
    const explained = view.explain()
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained)
    expect(explained).toMatchObject({
      service: 'orders',
      registry: 'memory:',
      balancer: 'weighted',
      calls: { calls: 0, retries: 0 },
      inFlight: 0,
      groups: [{ name: 'all/all', share: 1, panic: false, endpoints: 3, candidates: 1 }],
      snapshot: { state: 'live' },
    })
    expect(explained.endpoints).toMatchObject([
      {
        id: 'a',
        zone: 'a',
        isCandidate: false,
        excluded: 'refused',
        ejected: { reason: 'refused', times: 1 },
      },
      { id: 'b', version: '2', isCandidate: true },
      { id: 'c', weight: 0, isCandidate: false, excluded: 'weight 0' },
    ])
  })

  test('says of a pick why this one and why not the others', async () => {
    const { view, tell } = await scene(three, {})
    tell('a', 'refused')
    const { id, group, reasons, others } = view.explainPick()
    expect(['b', 'c']).toContain(id)
    expect(group).toBe('all/all')
    expect(reasons).toEqual([{ balancer: 'round-robin', because: expect.stringMatching(/turn . of 2/) }])
    expect(others.find((other) => other.id === 'a')).toMatchObject({ why: 'refused' })
    expect(others.find((other) => other.id !== 'a')).toMatchObject({ why: 'not drawn' })
  })

  test('says when the draw fell on another group', async () => {
    const fields = [{ zone: 'a' }, { zone: 'b' }]
    const { view } = await scene(fields, { canary: { match: { zone: 'b' }, share: 0.25, name: 'b' } })
    const explained = Array.from({ length: 40 }, () => view.explainPick())
    const ofA = explained.find(({ id }) => id === 'a')!
    expect(ofA.others[0]!.why).toBe('the draw fell on rest/all; b/all has 25 %')
  })

  test('throws as pick does', async () => {
    const { view } = await scene([], {})
    expect(() => view.explainPick()).toThrow(expect.objectContaining({ code: 'NO_INSTANCES' }))
  })
})
