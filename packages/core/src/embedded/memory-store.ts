import { systemClock, type Clock } from '../clock.js'
import type { Listing } from '../contract.js'
import { RollcallError } from '../errors.js'
import { isNewer } from '../incarnation.js'
import type { Instance } from '../instance.js'

interface MemoryRecord {
  readonly instance: Instance
  readonly ttlMs: number
  expiresAt: number
}

interface MemoryService {
  readonly records: Map<string, MemoryRecord>
  /** Records that can't be read, for tests: their keys and why. */
  readonly garbage: Map<string, string>
  revision: number
}

const brand = Symbol.for('rollcall.memory-store')

/**
 * A registry within one process: what etcd or Consul would be, without the network, and with every fault of theirs
 * on demand. A lease is checked when somebody looks, so the store itself sets no timers.
 */
export class MemoryStore {
  readonly #clock: Clock
  readonly #services = new Map<string, MemoryService>()
  readonly #waiting = new Set<() => void>()
  /** No lease ends before this; renewals may have moved the next end further. */
  #nextExpiryAt = Infinity
  #fault: 'frozen' | Error | undefined

  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.#clock = clock
    Object.defineProperty(this, brand, { value: true })
  }

  /** Writes the instance over its older self. Throws REPLACED when a newer incarnation holds the id. */
  put(instance: Instance, ttlMs: number): void {
    const service = this.#fresh(instance.service)
    const held = service.records.get(instance.id)?.instance
    if (held && isNewer(held.incarnation, instance.incarnation)) throw replaced(instance)
    const expiresAt = this.#clock.now() + ttlMs
    service.records.set(instance.id, { instance, ttlMs, expiresAt })
    this.#nextExpiryAt = Math.min(this.#nextExpiryAt, expiresAt)
    this.#changed(service)
  }

  /** Gives the incarnation another TTL. Throws LEASE_LOST when it is not there, REPLACED when a newer one is. */
  renew(instance: Instance): void {
    const held = this.#fresh(instance.service).records.get(instance.id)
    if (held && isNewer(held.instance.incarnation, instance.incarnation)) throw replaced(instance)
    if (held?.instance.incarnation !== instance.incarnation) throw lost(instance)
    held.expiresAt = this.#clock.now() + held.ttlMs
  }

  /** Removes the incarnation if it is there. */
  remove(instance: Instance): void {
    const service = this.#fresh(instance.service)
    const held = service.records.get(instance.id)?.instance
    if (held?.incarnation !== instance.incarnation) return
    service.records.delete(instance.id)
    this.#changed(service)
  }

  list(name: string): Listing {
    const service = this.#fresh(name)
    return {
      instances: [...service.records.values()].map((record) => record.instance),
      skipped: [...service.garbage].map(([key, reason]) => ({ key, reason })),
      revision: String(service.revision),
    }
  }

  /** The names of services with at least one instance, sorted. */
  services(): readonly string[] {
    return [...this.#services.keys()].filter((name) => this.#fresh(name).records.size > 0).toSorted()
  }

  /** Passes while the store serves, hangs while it is frozen, throws while it is down or refuses. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    while (this.#fault === 'frozen') await this.#woken(signal)
    if (this.#fault) throw this.#fault
  }

  /** Yields what `read` gives, at once and again whenever `markOf` it has changed; never an old state. */
  async *follow<T>(read: () => T, markOf: (value: T) => unknown, signal: AbortSignal): AsyncGenerator<T> {
    for (let seen: unknown; ;) {
      await this.enter(signal)
      const value = read()
      const mark = markOf(value)
      if (mark === seen) await this.#woken(signal, this.#nextExpiryAt)
      else {
        yield value
        seen = mark
      }
    }
  }

  /** From now on every verb hangs until its signal is aborted or the store thaws. Leases run out meanwhile. */
  freeze(): void {
    this.#break('frozen')
  }

  thaw(): void {
    this.up()
  }

  /** From now on every verb and every open watch throws: UNAVAILABLE, or the given error. Leases run out meanwhile. */
  down(error: Error = new RollcallError('UNAVAILABLE', 'the memory store is down')): void {
    this.#break(error)
  }

  /** From now on every verb and every open watch throws MISCONFIGURED, as for a bad token. */
  refuse(): void {
    this.#break(new RollcallError('MISCONFIGURED', 'the memory store refuses this client'))
  }

  /** Ends `freeze`, `down` and `refuse`. */
  up(): void {
    this.#break(undefined)
  }

  /** Forgets everything, as a restart without data does: watches see empty sets, leases are lost. */
  wipe(): void {
    for (const service of this.#services.values()) {
      service.records.clear()
      service.garbage.clear()
      this.#changed(service)
    }
  }

  /** Ends the leases of this id at once. */
  expire(id: string): void {
    for (const service of this.#services.values()) {
      if (service.records.delete(id)) this.#changed(service)
    }
  }

  /** Adds a record that nobody can read; it is listed as skipped. */
  putGarbage(name: string, key: string, reason = 'it is garbage'): void {
    const service = this.#fresh(name)
    service.garbage.set(key, reason)
    this.#changed(service)
  }

  /** The service, after whoever's lease ran out is gone. */
  #fresh(name: string): MemoryService {
    this.#dropExpired()
    const service = this.#services.get(name) ?? { records: new Map(), garbage: new Map(), revision: 0 }
    this.#services.set(name, service)
    return service
  }

  #dropExpired(): void {
    const now = this.#clock.now()
    if (now < this.#nextExpiryAt) return
    this.#nextExpiryAt = Infinity
    for (const service of this.#services.values()) {
      for (const [id, { expiresAt }] of service.records) {
        if (expiresAt > now) this.#nextExpiryAt = Math.min(this.#nextExpiryAt, expiresAt)
        else if (service.records.delete(id)) service.revision++
      }
    }
  }

  #changed(service: MemoryService): void {
    service.revision++
    this.#wake()
  }

  #break(fault: 'frozen' | Error | undefined): void {
    this.#fault = fault
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  /** Resolves at the next change of anything, at `until` at the latest. */
  #woken(signal: AbortSignal, until = Infinity): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', abort)
        cancelTimer?.()
        then()
      }
      const wake = settle(resolve)
      const abort = settle(() => reject(signal.reason))
      const cancelTimer = until === Infinity ? undefined : this.#clock.after(until - this.#clock.now(), wake)
      this.#waiting.add(wake)
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}

function replaced({ service, id }: Instance): RollcallError {
  return new RollcallError('REPLACED', `memory: a newer incarnation holds ${service}/${id}`)
}

function lost({ service, id }: Instance): RollcallError {
  return new RollcallError('LEASE_LOST', `memory: nothing is registered as ${service}/${id}`)
}

/** True for a MemoryStore, whichever copy of core made it. */
export function isMemoryStore(value: unknown): value is MemoryStore {
  return typeof value === 'object' && value !== null && brand in value
}
