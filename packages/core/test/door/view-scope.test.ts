import { ManualClock } from '@rollcall/testing'
import { connect, type Registry, type ServiceOptions } from '@rollcall/core'
import { xorshift32 } from '@rollcall/core/adapter'
import { MemoryStore } from '@rollcall/core/memory'
import { afterEach, describe, expect, test } from 'vitest'
import type { AnnounceOptions } from '../../src/announce.js'
import type { ServiceView } from '../../src/service-view.js'

const open: Registry[] = []
afterEach(() => Promise.all(open.splice(0).map((registry) => registry.close())))

async function viewOf(
  fields: readonly Partial<AnnounceOptions>[],
  options: ServiceOptions,
): Promise<{ view: ServiceView; clock: ManualClock }> {
  const clock = new ManualClock()
  const registry = await connect('memory:', {
    store: new MemoryStore({ clock }),
    clock,
    random: xorshift32(5),
  })
  open.push(registry)
  for (const [i, each] of fields.entries()) {
    await registry.announce({ service: 'orders', id: 'abcdefghijklmnopqrst'[i]!, port: 1000 + i, ...each })
  }
  const view = registry.service('orders', options)
  const ready = view.ready()
  await clock.advance(1_000)
  await ready
  return { view, clock }
}

const mixed = [{ version: '1.0' }, { version: '2.0' }, { version: '2.1' }]
const many = Array.from({ length: 20 }, () => ({}))

describe('whom the view is not about', () => {
  test.each([
    [{ match: { version: '2.x' } }, mixed, 2],
    [{ subset: { size: 3, client: 1 } }, many, 3],
  ] as const)('is not called by broadcast: %j', async (options, fields, size) => {
    const { view } = await viewOf(fields, options)
    const called = new Set<string>()
    await view.call(({ id }) => called.add(id), { strategy: 'broadcast' })
    expect(called.size).toBe(size)
    const members = view.explain().endpoints.filter(({ excluded }) => excluded !== 'left out')
    expect([...called].toSorted()).toEqual(members.map(({ id }) => id).toSorted())
  })

  test.each([
    [{ match: { version: '2.x' } }, mixed, 2],
    [{ subset: { size: 3, client: 1 } }, many, 3],
  ] as const)('is not probed: %j', async (options, fields, size) => {
    const probed = new Set<string>()
    const probe: ServiceOptions['probe'] = ({ id }) => (probed.add(id), true)
    const { view, clock } = await viewOf(fields, { ...options, probe })
    await clock.advance(10_000)
    expect(probed.size).toBe(size)
    expect(view.explain().endpoints.filter(({ probed: verdict }) => verdict === 'passing')).toHaveLength(size)
  })
})

describe('the strategy available', () => {
  test('calls no small canary first', async () => {
    const { view } = await viewOf(mixed.toReversed(), {
      canary: { match: { version: '2.1' }, share: 0.1 },
      call: { strategy: 'available' },
    })
    expect(await view.call(({ id }) => id)).toBe('b')
  })

  test('calls the nearest first, of a subset the first in the order of the set', async () => {
    const zones = [{ zone: 'far' }, { zone: 'near' }, { zone: 'near' }]
    const near = await viewOf(zones, { locality: { zone: 'near' }, call: { strategy: 'available' } })
    expect(await near.view.call(({ id }) => id)).toBe('b')
    const few = await viewOf(many, { subset: { size: 5, client: 3 }, call: { strategy: 'available' } })
    const first = few.view.explain().endpoints.find(({ isCandidate }) => isCandidate)
    expect(await few.view.call(({ id }) => id)).toBe(first!.id)
  })
})

test('retryBudget: how many retries the calls of the view may make', async () => {
  const attemptsWith = async (retryBudget: ServiceOptions['retryBudget']): Promise<number> => {
    const { view } = await viewOf(mixed, { ...(retryBudget !== undefined && { retryBudget }) })
    let attempts = 0
    const fails = (): never => {
      attempts++
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    }
    await view.call(fails, { idempotent: true, attempts: 2 }).catch(() => {})
    return attempts
  }
  expect(await attemptsWith(undefined)).toBe(2)
  expect(await attemptsWith(false)).toBe(2)
  expect(await attemptsWith({ share: 0, floorPerSecond: 0 })).toBe(1)
})

test('call: what calls do unless they say otherwise', async () => {
  const { view } = await viewOf(mixed, { call: { strategy: 'failsafe', fallback: 'none' } })
  const fails = (): Promise<string> => Promise.reject(new Error('x'))
  expect(await view.call(fails)).toBe('none')
  await expect(view.call(fails, { strategy: 'failfast' })).rejects.toMatchObject({ code: 'CALL_FAILED' })
})

describe('words', () => {
  test('a full one is told by its own name where it was asked for', async () => {
    const { view } = await viewOf(mixed, { maxInFlight: 1 })
    const pick = view.acquire()
    const failed = await view.call(() => 1, { strategy: 'broadcast' }).catch((error: unknown) => error)
    expect(String(failed)).toContain(
      `${pick.instance.id} has 1 calls under way, as many as maxInFlight allows`,
    )
    expect(String(failed)).not.toContain('All 3')
  })

  test('why a pick went elsewhere when the first choice was full', async () => {
    const { view } = await viewOf(mixed, { maxInFlight: 1, balancer: 'ring' })
    const { instance } = view.acquire({ key: 'k' })
    const { id, reasons, others } = view.explainPick({ key: 'k' })
    expect(id).not.toBe(instance.id)
    expect(reasons).toEqual([
      {
        balancer: 'maxInFlight',
        because: `ring chose ${instance.id}, which has as many calls as it may: another was taken`,
      },
    ])
    expect(others.find((other) => other.id === instance.id)).toMatchObject({ why: 'full' })
  })

  test('NO_INSTANCES counts those beyond ten by why they are left out', async () => {
    const { view } = await viewOf(many, { match: { zone: 'moon' } })
    expect(() => view.pick()).toThrow(
      /none of 20 can be called: a left out, .*, j left out and 10 more \(10 left out\)\.$/,
    )
    const down = { version: '2.0', status: 'down' } as const
    const fleet = many.map((each, place) => (place < 17 ? each : down))
    const { view: next } = await viewOf(fleet, { match: { version: '2.x' } })
    expect(() => next.pick()).toThrow(/j left out and 10 more \(7 left out, 3 down\)\.$/)
  })

  test.each([null, 'user-7', 7])('options of a pick that are %j are refused', async (options) => {
    const { view } = await viewOf(mixed, {})
    for (const ask of [
      () => view.pick(options as never),
      () => view.acquire(options as never),
      () => view.explainPick(options as never),
    ])
      expect(ask).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})

test.each([
  'match',
  'canary',
  'locality',
  'priority',
  'subset',
  'outlier',
  'probe',
  'call',
  'retryBudget',
  'balancer',
])('%s: null is BAD_OPTION', async (name) => {
  const { view } = await viewOf([], {})
  expect(view).toBeDefined()
  expect(() => open[0]!.service('orders', { [name]: null })).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(name) }),
  )
})

describe('options that the caller changes later', () => {
  test('change nothing', async () => {
    const options = {
      match: { tags: ['x'] },
      canary: [{ match: { version: '2.x' }, share: 1 }],
      outlier: { failures: 1 },
      locality: { zone: 'near', datacenters: ['eu'] },
      call: { strategy: 'failfast' as const },
    } satisfies ServiceOptions
    const { view } = await viewOf([{ tags: ['x'] }, { tags: ['x'], version: '2.0' }], options)
    options.match.tags.push('y')
    options.canary[0]!.share = 0
    options.canary.length = 0
    options.outlier.failures = 100
    options.locality.datacenters.push('us')
    expect(view.pick().id).toBe('b')
    expect(view.explain().groups.map(({ share }) => share)).toEqual([1, 0])
    view.acquire().done('failed')
    expect(view.explain().endpoints[1]).toMatchObject({ ejected: { reason: 'failures' } })
  })
})
