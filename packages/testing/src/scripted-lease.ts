import type { Lease } from '@rollcall/core/adapter'
import { Script } from './script.js'

/** A lease that renews unless its script says otherwise. */
export class ScriptedLease implements Lease {
  readonly ttlMs: number
  readonly renewing: Script<[signal: AbortSignal], void> = new Script<[signal: AbortSignal], void>(() => {})
  readonly #lost = new AbortController()

  constructor(ttlMs: number) {
    this.ttlMs = ttlMs
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  renew(signal: AbortSignal): Promise<void> {
    return this.renewing.run(signal)
  }

  /** The store says by itself that the lease is gone. */
  lose(reason: unknown = new Error('the store dropped the lease')): void {
    this.#lost.abort(reason)
  }
}
