import { fraction } from '../random.js'
import { Gate } from '../gate.js'
import type { Supervision } from './keep-trying.js'

// A process that announces many services must not read them all at one moment.
const readsAtOnce = 4

/** The store's own delay between accepting and listing, with room to spare. */
const soonMs = 1_000

export interface Verifying {
  readonly supervision: Supervision
  /** How often a service is read back at least. */
  readonly everyMs: number
  /** Reads the service and holds it against what was written. */
  read(service: string): Promise<void>
}

/**
 * Reads back what we registered, as a caller would see it: a second after every write, and every `everyMs`
 * thereafter. A heartbeat that succeeds proves a lease and no more; a record deleted by hand, or accepted by a Consul
 * without leader and never listed, is found only by looking.
 */
export class SelfVerification {
  readonly #verifying: Verifying
  readonly #gate = new Gate(readsAtOnce)
  readonly #due = new Map<string, { at: number; cancel: () => void }>()
  #closed = false

  constructor(verifying: Verifying) {
    this.#verifying = verifying
  }

  /** After a write, or when something we wrote was not listed: look in a moment. */
  soon(service: string, inMs: number = soonMs): void {
    this.#schedule(service, inMs)
  }

  /** After any listing was seen: the next look can wait. */
  later(service: string): void {
    const { everyMs, supervision } = this.#verifying
    const due = this.#due.get(service)
    const dueSoon = due && due.at <= supervision.clock.now() + soonMs
    if (!dueSoon) this.#schedule(service, everyMs * (0.75 + 0.5 * fraction(supervision.random)))
  }

  forget(service: string): void {
    this.#due.get(service)?.cancel()
    this.#due.delete(service)
  }

  close(): void {
    this.#closed = true
    for (const service of [...this.#due.keys()]) this.forget(service)
  }

  #schedule(service: string, ms: number): void {
    if (this.#closed) return
    this.forget(service)
    const { clock } = this.#verifying.supervision
    this.#due.set(service, { at: clock.now() + ms, cancel: clock.after(ms, () => void this.#look(service)) })
  }

  async #look(service: string): Promise<void> {
    const looking = this.#due.get(service)
    // A read that fails says nothing: the heartbeat and the watch notice a store that is down.
    await this.#gate.pass(() => this.#verifying.read(service)).catch(() => {})
    if (this.#due.get(service) !== looking) return // forgotten, or planned anew, meanwhile
    this.#due.delete(service)
    this.later(service)
  }
}
