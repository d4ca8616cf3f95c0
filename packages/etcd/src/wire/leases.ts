import { isRollcallError, type Lease } from '@rollcall/core/adapter'
import { untilAborted } from './call.js'
import type { Store } from './store.js'

/** An etcd lease, as core renews it. */
export interface EtcdLease extends Lease {
  readonly id: string
  /** It is lost: the next to ask gets a new one. */
  forget(): void
}

/** The leases of one adapter: one for each TTL asked for, to be shared by all that is written under it. */
export class Leases {
  readonly #store: Store
  readonly #known = new Map<number, Promise<EtcdLease>>()

  constructor(store: Store) {
    this.#store = store
  }

  of(ttlMs: number, signal: AbortSignal): Promise<EtcdLease> {
    const known = this.#known.get(ttlMs)
    if (known) return untilAborted(signal, known)
    const forget = (): void => {
      if (this.#known.get(ttlMs) === granting) this.#known.delete(ttlMs)
    }
    const granting = this.#grant(ttlMs, forget, signal)
    this.#known.set(ttlMs, granting)
    granting.catch(forget)
    return granting
  }

  /** Ends them, and all that is registered under them. */
  async revoke(signal: AbortSignal): Promise<void> {
    const leases = [...this.#known.values()]
    await Promise.allSettled(leases.map(async (lease) => this.#store.revoke((await lease).id, signal)))
  }

  async #grant(ttlMs: number, forget: () => void, signal: AbortSignal): Promise<EtcdLease> {
    const { id, ttlSeconds } = await this.#store.grant(Math.ceil(ttlMs / 1000), signal)
    const renew = async (beat: AbortSignal): Promise<void> => {
      try {
        await this.#store.keepAlive(id, beat)
      } catch (error) {
        if (isRollcallError(error, 'LEASE_LOST')) forget()
        throw error
      }
    }
    return { id, ttlMs: ttlSeconds * 1000, forget, renew }
  }
}
