import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import {
  parseUrl,
  systemRandom,
  withFields,
  readInstance,
  type Adapter,
  type Instance,
} from '@rollcall/core/adapter'
import { memory } from '../../src/embedded/memory.js'
import { MemoryStore } from '../../src/embedded/memory-store.js'

const never = new AbortController().signal

function instance(fields: Partial<Instance> = {}): Instance {
  return readInstance({
    service: 'orders',
    id: 'a',
    host: '127.0.0.1',
    port: 80,
    incarnation: '1',
    ...fields,
  })
}

function open(clock: ManualClock, url = 'memory:', options: Record<string, unknown> = {}): Adapter {
  return memory.open(parseUrl(url), options, {
    clock,
    random: systemRandom(),
    ttlMs: 15_000,
    warn() {},
  })
}

function setup() {
  const clock = new ManualClock()
  const store = new MemoryStore({ clock })
  return { clock, store, adapter: open(clock, 'memory:', { store }) }
}

/** Pulls a watch as fast as it gives and keeps what it gave. */
function follow<T>(iterable: AsyncIterable<T>): { seen: T[]; error?: unknown } {
  const result: { seen: T[]; error?: unknown } = { seen: [] }
  const run = async () => {
    for await (const item of iterable) result.seen.push(item)
  }
  run().catch((error: unknown) => (result.error = error))
  return result
}

function ids(store: MemoryStore, service = 'orders'): string[] {
  return store.list(service).instances.map(({ id }) => id)
}

describe('memory: leases', () => {
  it('lists an instance until its TTL is over, and renewing gives it another', async () => {
    const { clock, store, adapter } = setup()
    const lease = await adapter.register!(instance(), 1000, never)
    await clock.advance(900)
    await lease.renew(never)
    await clock.advance(999)
    expect(ids(store)).toEqual(['a'])
    await clock.advance(1)
    expect(ids(store)).toEqual([])
    await expect(lease.renew(never)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('wakes a watch at the moment a lease runs out, and sets no timer without a watch', async () => {
    const { clock, adapter } = setup()
    await adapter.register!(instance(), 1000, never)
    expect(clock.timers).toBe(0)
    const abort = new AbortController()
    const { seen } = follow(adapter.watch('orders', abort.signal))
    await clock.advance(999)
    expect(seen.map((l) => l.instances.length)).toEqual([1])
    await clock.advance(1)
    expect(seen.map((l) => l.instances.length)).toEqual([1, 0])
    abort.abort()
    expect(clock.timers).toBe(0)
  })

  it('of another service that run out wake a watch once, not again and again', async () => {
    const { clock, adapter } = setup()
    await adapter.register!(instance({ service: 'billing' }), 1000, never)
    const { seen } = follow(adapter.watch('orders', never))
    await clock.advance(5000)
    expect(seen).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  it('is not moved by a jump of the wall clock', async () => {
    const { clock, store, adapter } = setup()
    await adapter.register!(instance(), 1000, never)
    clock.setWall(clock.wall() + 3_600_000)
    expect(ids(store)).toEqual(['a'])
  })

  it('grants no more than a day', async () => {
    const { adapter } = setup()
    const lease = await adapter.register!(instance(), 1e12, never)
    expect(lease.ttlMs).toBe(86_400_000)
  })

  it('lets the newest incarnation win', async () => {
    const { store, adapter } = setup()
    const old = await adapter.register!(instance({ incarnation: '1' }), 1000, never)
    await adapter.register!(instance({ incarnation: '2', port: 81 }), 1000, never)
    await expect(adapter.register!(instance(), 1000, never)).rejects.toMatchObject({ code: 'REPLACED' })
    await expect(old.renew(never)).rejects.toMatchObject({ code: 'REPLACED' })
    await adapter.release!(instance(), never)
    expect(store.list('orders').instances).toMatchObject([{ incarnation: '2', port: 81 }])
  })
})

describe('memory: faults on demand', () => {
  it('freezes: verbs hang until the thaw, or until their signal is aborted', async () => {
    const { clock, store, adapter } = setup()
    store.freeze()
    const abort = new AbortController()
    const given = adapter.release!(instance(), abort.signal).catch((error: unknown) => error)
    let registered = false
    void adapter.register!(instance(), 5000, never).then(() => (registered = true))
    await clock.advance(60_000)
    abort.abort('enough')
    expect(await given).toBe('enough')
    expect(registered).toBe(false)
    store.thaw()
    await clock.settle()
    expect(registered).toBe(true)
  })

  it('freezes watches too, and tells the truth late: what ran out meanwhile is gone at the thaw', async () => {
    const { clock, store, adapter } = setup()
    await adapter.register!(instance(), 1000, never)
    const { seen } = follow(adapter.watch('orders', never))
    await clock.settle()
    store.freeze()
    await clock.advance(5000)
    expect(seen).toHaveLength(1)
    store.thaw()
    await clock.settle()
    expect(seen.at(-1)?.instances).toEqual([])
  })

  it('goes down: verbs and open watches throw, and what was registered is there when it is up again', async () => {
    const { clock, store, adapter } = setup()
    await adapter.register!(instance(), 1000, never)
    const open = follow(adapter.watch('orders', never))
    await clock.settle()
    store.down()
    await clock.settle()
    expect(open.error).toMatchObject({ code: 'UNAVAILABLE' })
    await expect(adapter.register!(instance(), 1000, never)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    store.up()
    const again = follow(adapter.watch('orders', never))
    await clock.settle()
    expect(again.seen.at(-1)?.instances).toHaveLength(1)
  })

  it('goes down with the given error, and refuses with MISCONFIGURED', async () => {
    const { store, adapter } = setup()
    store.down(new Error('disk on fire'))
    await expect(adapter.release!(instance(), never)).rejects.toThrow('disk on fire')
    store.refuse()
    await expect(adapter.release!(instance(), never)).rejects.toMatchObject({ code: 'MISCONFIGURED' })
  })

  it('wipes: an empty set for who watches, LEASE_LOST for who renews', async () => {
    const { clock, store, adapter } = setup()
    const lease = await adapter.register!(instance(), 1000, never)
    const { seen } = follow(adapter.watch('orders', never))
    await clock.settle()
    store.wipe()
    await clock.settle()
    expect(seen.at(-1)?.instances).toEqual([])
    await expect(lease.renew(never)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('expires one id, and spoils a record', async () => {
    const { store, adapter } = setup()
    await adapter.register!(instance(), 1000, never)
    await adapter.register!(instance({ id: 'b' }), 1000, never)
    store.expire('a')
    store.putGarbage('orders', 'x', 'it is no JSON')
    expect(ids(store)).toEqual(['b'])
    expect(store.list('orders').skipped).toEqual([{ key: 'x', reason: 'it is no JSON' }])
  })
})

describe('memory: watches', () => {
  it('keep the latest set between pulls, never a queue', async () => {
    const { adapter } = setup()
    const pull = adapter.watch('orders', never)[Symbol.asyncIterator]()
    expect((await pull.next()).value.instances).toEqual([])
    for (const weight of [1, 2, 3]) await adapter.register!(instance({ weight }), 1000, never)
    expect((await pull.next()).value.instances).toMatchObject([{ weight: 3 }])
  })

  it('do not wake for another service', async () => {
    const { clock, adapter } = setup()
    const { seen } = follow(adapter.watch('orders', never))
    await adapter.register!(instance({ service: 'orders-v2' }), 1000, never)
    await clock.settle()
    expect(seen).toHaveLength(1)
  })

  it('of services tell names with at least one instance', async () => {
    const { clock, adapter } = setup()
    const { seen } = follow(adapter.watchServices!(never))
    await clock.settle()
    const held = instance()
    await adapter.register!(held, 1000, never)
    await clock.settle()
    await adapter.register!(withFields(held, { weight: 5 }), 1000, never)
    await clock.settle()
    await adapter.release!(held, never)
    await clock.settle()
    expect(seen).toEqual([[], ['orders'], []])
  })
})

describe('memory: which store', () => {
  it('is shared by name, and apart from other names and other clocks', async () => {
    const clock = new ManualClock()
    await open(clock).register!(instance(), 1000, never)
    const first = async (adapter: Adapter) => {
      const { value } = await adapter.watch('orders', never)[Symbol.asyncIterator]().next()
      return value.instances.length
    }
    expect(await first(open(clock))).toBe(1)
    expect(await first(open(clock, 'memory:other'))).toBe(0)
    expect(await first(open(new ManualClock()))).toBe(0)
  })

  it('must be a MemoryStore, and has no name beside', () => {
    const clock = new ManualClock()
    expect(() => open(clock, 'memory:', { store: {} })).toThrow(/store is no MemoryStore/)
    expect(() => open(clock, 'memory:x', { store: new MemoryStore() })).toThrow(/write memory:/)
  })

  it('serves no more once its adapter is closed', async () => {
    const { adapter } = setup()
    await adapter.close!(never)
    await expect(adapter.register!(instance(), 1000, never)).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(adapter.watch('orders', never)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'CLOSED',
    })
  })
})
