import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hangs, ManualClock, ScriptedAdapter, throws } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import type { Instance, Listing } from '@rollcall/core/adapter'
import { SavedSnapshot } from '../../src/discovery/saved-snapshot.js'
import { ServiceWatch, type WatchTools } from '../../src/discovery/service-watch.js'
import { always, instance, instances, recorded, supervise, watched } from '../helpers.js'

const down = new Error('connection refused')
const refused = new RollcallError('MISCONFIGURED', 'bad token')

function open(
  more: Partial<WatchTools> & {
    adapter?: ScriptedAdapter
    clock?: ManualClock
    reachable?: () => boolean
  } = {},
) {
  const {
    adapter = new ScriptedAdapter(),
    clock = new ManualClock(),
    reachable = () => true,
    ...tools
  } = more
  const { events, seen } = recorded(clock)
  const watch = new ServiceWatch(
    {
      adapter,
      supervision: supervise(clock, always(0.5)),
      events,
      probe: async () => reachable(),
      source: 'scripted:',
      verbMs: 5_000,
      quietMs: 30_000,
      holdMs: 25_000,
      maxStaleMs: Infinity,
      savedSnapshot: () => undefined,
      onListing() {},
      ...tools,
    },
    'orders',
  )
  let wakes = 0
  watch.latest.onChange(() => wakes++)
  return {
    adapter,
    clock,
    watch,
    seen,
    wakes: () => wakes,
    types: () => seen.map(({ type }) => type),
    snapshot: () => watch.latest.value!,
    list: async (listed: readonly Instance[], rest: Partial<Listing> = {}) => {
      adapter.list('orders', listed, rest)
      await clock.advance(100)
    },
  }
}

function failing(error: unknown = down): ScriptedAdapter {
  const adapter = new ScriptedAdapter()
  adapter.watching.always(throws(error))
  return adapter
}

const ids = (list: readonly Instance[]): string[] => list.map(({ id }) => id)

describe('a snapshot', () => {
  it('is the listing, sorted and frozen, with version, source, revision and time', async () => {
    const { watch, list, snapshot, seen, clock } = open()
    const ready = watched(watch.ready())
    await clock.advance(200)
    expect(ready.settled).toBe(false)
    const at = clock.wall()
    await list(instances('b', 'a'), { revision: '7' })
    expect(ready.value).toBe(snapshot())
    expect(snapshot()).toMatchObject({
      service: 'orders',
      version: 1,
      state: 'live',
      source: 'scripted:',
      revision: '7',
      confirmedAt: at,
    })
    expect(ids(snapshot().instances)).toEqual(['a', 'b'])
    expect(Object.isFrozen(snapshot()) && Object.isFrozen(snapshot().instances)).toBe(true)
    expect(seen).toMatchObject([
      { type: 'snapshot.changed', version: 1, size: 2, added: 2, removed: 0, updated: 0 },
    ])
  })

  it('of a set that says the same is no new version and wakes nobody, but is younger', async () => {
    const { list, snapshot, wakes, clock, types } = open()
    await list(instances('a', 'b'))
    const { instances: before, confirmedAt } = snapshot()
    await clock.advance(5_000)
    await list(instances('b', 'a'))
    expect(snapshot().confirmedAt).toBe(confirmedAt + 5_000 + 100)
    expect(snapshot().instances).toBe(before)
    expect(snapshot().version).toBe(1)
    expect(wakes()).toBe(1)
    expect(types()).toEqual(['snapshot.changed'])
  })

  it('of an empty set is a snapshot all the same', async () => {
    const { watch, list } = open()
    await list([])
    await expect(watch.ready()).resolves.toMatchObject({ version: 1, state: 'live', instances: [] })
  })

  it('counts what was added, removed and updated', async () => {
    const { list, seen } = open()
    await list(instances('a', 'b', 'c'))
    await list([instance('a'), instance('b', { weight: 9 }), instance('d')])
    expect(seen.at(-1)).toMatchObject({ version: 2, size: 3, added: 1, removed: 1, updated: 1 })
  })

  it('has one instance an id: of two in one listing the newer', async () => {
    const { list, snapshot } = open()
    const older = instance('a', { incarnation: '1', port: 81 })
    const newer = instance('a', { incarnation: '2', port: 82 })
    await list([newer, older])
    await list([older, newer, instance('b')])
    expect(snapshot().instances.map(({ port }) => port)).toEqual([82, 80])
  })

  it('has those lapsed as `down`', async () => {
    const { list, snapshot } = open()
    await list(instances('a', 'b', 'c'))
    await list(instances('a', 'b'), { lapsed: instances('c') })
    expect(snapshot().instances.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'a up',
      'b up',
      'c down',
    ])
    expect(snapshot().state).toBe('live')
  })
})

describe('a broken watch', () => {
  it('keeps the last set, marked stale with why, and recovers', async () => {
    const { adapter, list, snapshot, clock, types, wakes, watch } = open()
    await list(instances('a'))
    adapter.watching.next(throws(down), throws(down))
    adapter.endWatches('orders', down)
    await clock.settle()
    expect(snapshot()).toMatchObject({ state: 'stale', reason: 'connection refused', version: 1 })
    expect(watch.failure).toBe(down)
    expect(wakes()).toBe(2)
    await clock.advance(60)
    expect(snapshot().state).toBe('stale')
    await clock.advance(340)
    expect(snapshot()).toMatchObject({ state: 'live', version: 1 })
    expect(snapshot().reason).toBeUndefined()
    expect(watch.failure).toBeUndefined()
    expect(types()).toEqual([
      'snapshot.changed',
      'watch.failed',
      'watch.failed',
      'watch.failed',
      'watch.recovered',
    ])
    expect(wakes()).toBe(3)
  })

  it('lists anew with every attempt, and is replaced when quiet without anybody noticing', async () => {
    const { adapter, list, snapshot, clock, types, wakes } = open()
    await list(instances('a'))
    const { confirmedAt } = snapshot()
    await clock.advance(300_000)
    expect(adapter.watching.count).toBe(9)
    expect(adapter.waiting('orders')).toBe(1)
    expect(types()).toEqual(['snapshot.changed'])
    expect(wakes()).toBe(1)
    expect(snapshot().version).toBe(1)
    expect(snapshot().confirmedAt).toBeGreaterThan(confirmedAt + 250_000)
  })

  it('drops a set older than maxStaleMs, and takes the next', async () => {
    const { adapter, list, snapshot, clock } = open({ maxStaleMs: 10_000 })
    await list(instances('a'))
    await clock.advance(4_900)
    adapter.watching.always(throws(down))
    adapter.endWatches('orders', down)
    await clock.advance(4_900)
    expect(snapshot()).toMatchObject({ state: 'stale', version: 1 })
    await clock.advance(100)
    expect(snapshot()).toMatchObject({ state: 'stale', version: 2, instances: [] })
    adapter.watching.always(() => {})
    await clock.advance(6_000)
    expect(snapshot()).toMatchObject({ state: 'live', version: 3 })
    expect(ids(snapshot().instances)).toEqual(['a'])
  })

  it('keeps a set for ever by default', async () => {
    const { adapter, list, snapshot, clock } = open()
    await list(instances('a'))
    adapter.watching.always(throws(down))
    adapter.endWatches('orders', down)
    await clock.advance(3_600_000)
    expect(ids(snapshot().instances)).toEqual(['a'])
  })

  it('rejects who waits for a first snapshot when it is refused, and goes on slowly', async () => {
    const adapter = new ScriptedAdapter()
    adapter.watching.next(throws(down), throws(refused))
    const { watch, clock, list } = open({ adapter })
    const early = watched(watch.ready())
    await clock.advance(40)
    expect(early.settled).toBe(false)
    await clock.advance(10)
    expect(early.error).toMatchObject({ code: 'MISCONFIGURED' })
    await expect(watch.ready()).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await clock.advance(30_000)
    expect(adapter.watching.count).toBe(3)
    await list(instances('a'))
    await expect(watch.ready()).resolves.toMatchObject({ version: 1 })
  })

  it('rejects who waits when it is closed, and with the reason of their own signal', async () => {
    const adapter = failing()
    const { watch, clock } = open({ adapter })
    const abort = new AbortController()
    const mine = watched(watch.ready(abort.signal))
    const other = watched(watch.ready())
    await clock.settle()
    abort.abort('enough')
    watch.close()
    await clock.settle()
    expect(mine.error).toBe('enough')
    expect(other.error).toMatchObject({ code: 'CLOSED' })
    expect(clock.timers).toBe(0)
    await expect(watch.latest.follow().next()).resolves.toMatchObject({ done: true })
  })
})

describe('a doubted listing', () => {
  it('is held: those missing stay, until their time is up', async () => {
    const { list, snapshot, seen, clock, types } = open()
    await list(instances('a', 'b'))
    await list([])
    expect(ids(snapshot().instances)).toEqual(['a', 'b'])
    expect([...snapshot().held]).toEqual(['a', 'b'])
    expect(snapshot()).toMatchObject({ state: 'held', version: 2 })
    expect(seen.find(({ type }) => type === 'snapshot.held')).toMatchObject({
      ids: ['a', 'b'],
      forMs: 25_000,
    })
    await clock.advance(24_800)
    expect(ids(snapshot().instances)).toEqual(['a', 'b'])
    await clock.advance(100)
    expect(snapshot()).toMatchObject({ state: 'live', instances: [] })
    expect(types().filter((type) => type === 'snapshot.released')).toHaveLength(2)
  })

  it('ends for those who answer no probe', async () => {
    const { list, snapshot, seen } = open({ reachable: () => false })
    await list(instances('a', 'b'))
    await list([])
    expect(snapshot()).toMatchObject({ state: 'live', instances: [] })
    expect(seen.at(-2)).toMatchObject({ type: 'snapshot.released', reason: 'unreachable' })
  })

  it('ends for those listed again', async () => {
    const { list, snapshot, types } = open()
    await list(instances('a', 'b'))
    await list([])
    await list(instances('a', 'b'))
    expect(snapshot()).toMatchObject({ state: 'live' })
    expect(snapshot().held.size).toBe(0)
    expect(types()).not.toContain('snapshot.released')
  })

  it('holds those that lapsed in a mass, as they were', async () => {
    const { list, snapshot, clock } = open()
    await list(instances('a', 'b'))
    await list([], { lapsed: instances('a', 'b') })
    expect(snapshot().instances.map(({ status }) => status)).toEqual(['up', 'up'])
    await clock.advance(25_000)
    expect(snapshot().instances.map(({ status }) => status)).toEqual(['down', 'down'])
  })

  it('lets go of those that were draining', async () => {
    const { list, snapshot } = open()
    await list([instance('a', { status: 'draining' }), instance('b', { status: 'draining' })])
    await list([])
    expect(snapshot()).toMatchObject({ state: 'live', instances: [] })
  })
})

describe('skipped records', () => {
  it('are reported once, for as long as they stay so', async () => {
    const { list, seen } = open()
    const skipped = [{ key: 'x', reason: 'it has no port' }]
    await list([], { skipped })
    await list([], { skipped })
    await list([], { skipped: [...skipped, { key: 'y', reason: 'it is garbage' }] })
    const reports = () => seen.filter(({ type }) => type === 'record.skipped')
    expect(reports()).toMatchObject([
      { key: 'x', reason: 'it has no port' },
      { key: 'y', reason: 'it is garbage' },
    ])
    await list([])
    await list([], { skipped })
    expect(reports()).toHaveLength(3)
  })
})

describe('a saved snapshot', () => {
  const folders: string[] = []
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
  })

  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'rollcall-core-'))
    folders.push(made)
    return join(made, 'saved')
  }

  const savedIn = (path: string) => () => new SavedSnapshot(path, 'scripted:', 'orders')

  /** Files take real time: lets it pass, a turn of the event loop at a time. */
  async function eventually(done: () => boolean | Promise<boolean>): Promise<void> {
    const start = performance.now()
    while (!(await done())) {
      if (performance.now() - start > 5_000) throw new Error('nothing came of it within 5 s')
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  const exists = (path: string) => async () =>
    (await readdir(path).catch(() => [])).some((name) => name.endsWith('.json'))

  async function saved(path: string, clock = new ManualClock()) {
    const first = open({ savedSnapshot: savedIn(path), clock })
    await first.list([...instances('a', 'b'), instance('c', { status: 'down' })])
    await eventually(exists(path))
    first.watch.close()
    return clock
  }

  it('serves a start while the store is down, marked stale, and gives way to the store', async () => {
    const path = await folder()
    const clock = await saved(path)
    await clock.advance(7_000)
    const { adapter, watch, snapshot, list } = open({
      savedSnapshot: savedIn(path),
      clock,
      adapter: failing(),
    })
    await expect(watch.ready()).resolves.toMatchObject({ state: 'stale', source: 'disk', version: 1 })
    expect(ids(snapshot().instances)).toEqual(['a', 'b'])
    expect(clock.wall() - snapshot().confirmedAt).toBeGreaterThanOrEqual(7_000)
    adapter.watching.always(() => {})
    adapter.list('orders', [])
    await clock.advance(5_000)
    // A first listing that is empty is doubted too.
    expect(snapshot()).toMatchObject({ state: 'held', source: 'scripted:' })
    await list(instances('a', 'b', 'd'))
    expect(snapshot()).toMatchObject({ state: 'live' })
    watch.close()
    await clock.settle()
    expect(clock.timers).toBe(0)
  })

  it('serves a start with a refused token too, instead of rejecting who waits', async () => {
    const path = await folder()
    const clock = await saved(path)
    const adapter = failing(refused)
    const { watch } = open({ savedSnapshot: savedIn(path), clock, adapter })
    await expect(watch.ready()).resolves.toMatchObject({ state: 'stale', source: 'disk' })
    const without = open({ savedSnapshot: savedIn(join(path, 'none')), clock, adapter: failing(refused) })
    await expect(without.watch.ready()).rejects.toMatchObject({ code: 'MISCONFIGURED' })
  })

  it('is not used when it is older than maxStaleMs, nor when the store answers', async () => {
    const path = await folder()
    const clock = await saved(path)
    await clock.advance(10_000)
    const old = open({ savedSnapshot: savedIn(path), clock, adapter: failing(refused), maxStaleMs: 9_000 })
    await expect(old.watch.ready()).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    const fresh = open({ savedSnapshot: savedIn(path), clock })
    await fresh.list(instances('z'))
    expect(fresh.snapshot()).toMatchObject({ source: 'scripted:', version: 1 })
  })

  it('is readable by the user alone, and tells when an unchanged set was confirmed', async () => {
    const path = await folder()
    const { list, clock } = open({ savedSnapshot: savedIn(path) })
    await list(instances('a'))
    await eventually(exists(path))
    const [name] = await readdir(path)
    const file = join(path, name!)
    expect(name).toMatch(/^orders-[0-9a-f]{12}\.json$/)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const confirmedAt = async () =>
      (JSON.parse(await readFile(file, 'utf8')) as { confirmedAt: number }).confirmedAt
    const first = await confirmedAt()
    await clock.advance(70_000)
    await eventually(async () => (await confirmedAt()) > first + 60_000)
  })

  it('never becomes empty', async () => {
    const path = await folder()
    const { list, snapshot, clock } = open({ savedSnapshot: savedIn(path), reachable: () => false })
    await list(instances('a'))
    await eventually(exists(path))
    await list([])
    await list([])
    expect(snapshot().instances).toEqual([])
    const kept = await savedIn(path)().load()
    expect(ids(kept!.instances)).toEqual(['a'])
    await clock.settle()
  })

  it.each([
    '',
    '{',
    '{}',
    '{"instances":5,"confirmedAt":1}',
    '{"instances":[{}],"confirmedAt":1}',
    '[]',
    'null',
  ])('that reads %j is reported, and breaks nothing', async (text) => {
    const path = await folder()
    const clock = await saved(path)
    const [name] = await readdir(path)
    await writeFile(join(path, name!), text)
    const { seen, watch, list, adapter } = open({ savedSnapshot: savedIn(path), clock, adapter: failing() })
    await eventually(() => seen.some(({ type }) => type === 'saved-snapshot.failed'))
    expect(watch.latest.value).toBeUndefined()
    adapter.watching.always(() => {})
    await clock.advance(5_000)
    await list(instances('a'))
    expect(watch.latest.value).toMatchObject({ version: 1 })
  })

  it('that can not be written is reported, and breaks nothing', async () => {
    const path = await folder()
    await writeFile(path.slice(0, -'/saved'.length) + '/file', '')
    const { seen, list, snapshot } = open({
      savedSnapshot: savedIn(path.slice(0, -'/saved'.length) + '/file'),
    })
    await list(instances('a'))
    await eventually(() => seen.some(({ type }) => type === 'saved-snapshot.failed'))
    expect(snapshot().state).toBe('live')
  })

  it('keeps the newest of many that are saved at once', async () => {
    const path = await folder()
    const file = savedIn(path)()
    const saves = Array.from({ length: 50 }, (_, i) =>
      file.save({ instances: instances(`i${i}`), confirmedAt: i }),
    )
    await Promise.all(saves)
    await file.save({ instances: instances('last'), confirmedAt: 99 })
    await expect(file.load()).resolves.toMatchObject({ confirmedAt: 99, instances: [{ id: 'last' }] })
    expect(await readdir(path)).toHaveLength(1)
    const others = [
      new SavedSnapshot(path, 'etcd:', 'orders'),
      new SavedSnapshot(path, 'scripted:', 'Orders'),
    ]
    expect(await Promise.all(others.map((other) => other.load()))).toEqual([undefined, undefined])
  })
})

describe('a store that hangs', () => {
  it('fails the first attempt after the limit, and every one after it', async () => {
    const adapter = new ScriptedAdapter()
    adapter.watching.always(hangs())
    const { clock, types } = open({ adapter })
    await clock.advance(20_000)
    expect(new Set(types())).toEqual(new Set(['watch.failed']))
    expect(types().length).toBeGreaterThanOrEqual(3)
    expect(types().length).toBeLessThanOrEqual(5)
  })
})
