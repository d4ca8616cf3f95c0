import { RollcallError, type Lease } from '@rollcall/core/adapter'
import { failureOf } from './failure.js'
import type { Client, Session } from './wire/index.js'

/** A session as the lease of all that is registered under it. */
export class SessionLease implements Lease {
  readonly session: Session
  readonly ttlMs: number
  readonly lost: AbortSignal
  readonly #client: Client
  readonly #paths = new Set<string>()

  constructor(client: Client, session: Session) {
    this.#client = client
    this.session = session
    this.ttlMs = session.timeoutMs
    this.lost = session.lost
  }

  /** From now on core renews. */
  hold(path: string): void {
    this.#paths.add(path)
    this.session.lease()
  }

  /** With the last one core stops to renew: the session then lives on by its own pings, for those who watch. */
  drop(path: string): void {
    if (this.#paths.delete(path) && this.#paths.size === 0) this.session.unlease()
  }

  async renew(signal: AbortSignal): Promise<void> {
    // Attaches it again, should its connection be gone.
    const session = this.lost.aborted ? undefined : await this.#client.session(signal).catch(rethrow)
    if (session !== this.session) throw new RollcallError('LEASE_LOST', 'ZooKeeper: the session is lost.')
    await session.renew(signal)
  }
}

function rethrow(error: unknown): never {
  throw failureOf(error)
}
