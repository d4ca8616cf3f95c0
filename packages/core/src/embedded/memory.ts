import type { Clock } from '../clock.js'
import {
  defineAdapter,
  type Adapter,
  type AdapterDefinition,
  type Capabilities,
  type Lease,
  type Listing,
} from '../contract.js'
import { RollcallError } from '../errors.js'
import type { Instance } from '../instance.js'
import { badOption } from '../options.js'
import { isMemoryStore, MemoryStore } from './memory-store.js'

const capabilities: Capabilities = {
  register: true,
  update: true,
  watchServices: true,
  weights: true,
  metadata: true,
  status: true,
  sharedLease: false,
  minTtlMs: 1,
  maxTtlMs: 86_400_000,
  ttlStepMs: 1,
  goneAfterMs: 0,
  quietMs: 30_000,
}

/** `memory:`, the reference adapter. */
class MemoryAdapter implements Adapter {
  readonly name = 'memory'
  readonly capabilities: Capabilities = capabilities
  readonly #store: MemoryStore
  #closed = false

  constructor(store: MemoryStore) {
    this.#store = store
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    await this.#enter(signal)
    const list = (): Listing => this.#store.list(service)
    yield* this.#store.follow(list, (listing) => listing.revision, signal)
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    await this.#enter(signal)
    const list = (): readonly string[] => this.#store.services()
    yield* this.#store.follow(list, (names) => names.join('/'), signal)
  }

  async register(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    await this.#enter(signal)
    const grantedMs = Math.min(Math.max(ttlMs, capabilities.minTtlMs), capabilities.maxTtlMs)
    this.#store.put(instance, grantedMs)
    return { ttlMs: grantedMs, renew: (own) => this.#renew(instance, own) }
  }

  async release(instance: Instance, signal: AbortSignal): Promise<void> {
    await this.#enter(signal)
    this.#store.remove(instance)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #renew(instance: Instance, signal: AbortSignal): Promise<void> {
    await this.#enter(signal)
    this.#store.renew(instance)
  }

  #enter(signal: AbortSignal): Promise<void> {
    if (this.#closed) throw new RollcallError('CLOSED', 'memory: the adapter is closed')
    return this.#store.enter(signal)
  }
}

// Under a clock of its own a test has stores of its own: two clocks can't agree when a lease ends.
const shared = new WeakMap<Clock, Map<string, MemoryStore>>()

function sharedStore(clock: Clock, name: string): MemoryStore {
  const stores = shared.get(clock) ?? new Map<string, MemoryStore>()
  shared.set(clock, stores)
  const store = stores.get(name) ?? new MemoryStore({ clock })
  stores.set(name, store)
  return store
}

/** `memory:` is one registry for the whole process, `memory:name` another; option `store` takes a `MemoryStore`. */
export const memory: AdapterDefinition = defineAdapter({
  schemes: ['memory'],
  accepts: { path: true },
  defaultHost: '127.0.0.1',
  options: { store: { type: 'value', about: 'a MemoryStore of your own, which can be made to fail' } },
  open(url, { store }, { clock }) {
    if (store === undefined) return new MemoryAdapter(sharedStore(clock, url.path.replace(/^\/+/, '')))
    if (!isMemoryStore(store)) throw badOption('store', 'is no MemoryStore', 'give new MemoryStore()')
    if (url.path !== '') throw badOption('store', 'and a name are both given', 'write memory:')
    return new MemoryAdapter(store)
  },
})
