import {
  RollcallError,
  isNewer,
  isRollcallError,
  type Adapter,
  type Capabilities,
  type Instance,
  type Lease,
  type Listing,
  type SkippedRecord,
} from '@rollcall/core/adapter'
import { incarnationOf, keyOf, readRecord, serviceOf, servicePrefix, toValue } from './codec.js'
import { Leases } from './wire/leases.js'
import { untilAborted } from './wire/call.js'
import type { Store } from './wire/store.js'

const capabilities: Capabilities = {
  register: true,
  update: true,
  watchServices: true,
  weights: true,
  metadata: true,
  status: true,
  sharedLease: true,
  // etcd's own least is one and a half election timeouts, in whole seconds: 2 s as it comes.
  minTtlMs: 2_000,
  maxTtlMs: 9_000_000_000_000,
  ttlStepMs: 1_000,
  goneAfterMs: 2_000,
  quietMs: 120_000,
}

/** Instances in etcd, all under one lease. */
export class EtcdAdapter implements Adapter {
  readonly name = 'etcd'
  readonly capabilities: Capabilities = capabilities
  readonly #store: Store
  readonly #base: string
  readonly #leases: Leases

  constructor(store: Store, base: string) {
    this.#store = store
    this.#base = base
    this.#leases = new Leases(store)
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    const records = new Map<string, Instance | SkippedRecord>()
    const observer = {
      put: (key: string, value: string) => records.set(key, readRecord(this.#base, service, key, value)),
      remove: (key: string) => records.delete(key),
    }
    const prefix = servicePrefix(this.#base, service)
    for await (const revision of this.#store.observe(prefix, { keysOnly: false }, observer, signal)) {
      yield listingOf([...records.values()], revision)
    }
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    const keys = new Set<string>()
    const observer = { put: (key: string) => keys.add(key), remove: (key: string) => keys.delete(key) }
    const changes = this.#store.observe(`${this.#base}/`, { keysOnly: true }, observer, signal)
    try {
      while (!(await changes.next()).done) {
        const names = [...keys].map((key) => serviceOf(this.#base, key)).filter((name) => name !== undefined)
        yield [...new Set(names)].toSorted()
      }
    } finally {
      await changes.return(undefined)
    }
  }

  async register(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    const lease = await this.#leases.of(ttlMs, signal)
    try {
      await this.#write(instance, lease.id, signal)
      return lease
    } catch (error) {
      if (isRollcallError(error, 'LEASE_LOST')) lease.forget()
      throw error
    }
  }

  async release(instance: Instance, signal: AbortSignal): Promise<void> {
    const key = keyOf(this.#base, instance)
    const found = await this.#store.get(key, signal)
    if (!found || incarnationOf(found.value) !== instance.incarnation) return
    const change = await this.#store.change(key, found.revision, 'delete', signal)
    if (!change.isDone) throw new Error(`${key} was written while it was being released`)
  }

  async close(signal: AbortSignal): Promise<void> {
    // Should etcd not answer in time, the leases run out by themselves.
    await untilAborted(signal, this.#leases.revoke(signal)).catch(() => undefined)
    this.#store.close()
  }

  /** Writes over nothing, our own record or an older one, in one step each: a newer incarnation is never lost. */
  async #write(instance: Instance, lease: string, signal: AbortSignal): Promise<void> {
    const key = keyOf(this.#base, instance)
    const operation = { put: toValue(instance), lease }
    const created = await this.#store.change(key, '0', operation, signal)
    if (created.isDone) return
    const theirs = incarnationOf(created.found?.value ?? '')
    if (isNewer(theirs, instance.incarnation)) {
      throw new RollcallError('REPLACED', `${key} belongs to the newer incarnation ${theirs}.`)
    }
    const replaced = await this.#store.change(key, created.found?.revision ?? '0', operation, signal)
    if (!replaced.isDone) throw new Error(`${key} was written by another at the same moment`)
  }
}

function listingOf(records: readonly (Instance | SkippedRecord)[], revision: string): Listing {
  const instances = records.filter((record) => 'id' in record)
  const skipped = records.filter((record) => 'reason' in record)
  return { instances, skipped, revision }
}
