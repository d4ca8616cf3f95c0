import { sleep } from '../clock.js'
import type { Lease } from '../contract.js'
import { RollcallError, isRollcallError, messageOf } from '../errors.js'
import { fraction } from '../random.js'
import { aborted, attempt } from './attempt.js'
import { Backoff } from './backoff.js'
import type { Supervision } from './keep-trying.js'

/** Told of what happens to a lease that several registrations may share. */
export interface HeartMember {
  /** The lease is gone: `error` is LEASE_LOST, or REPLACED when the store said that a newer incarnation has it. */
  onLost(error: RollcallError): void
  onBeatFailed(error: RollcallError, inMs: number): void
}

/**
 * Beats one lease for all that live under it, until the last has left or the lease is lost.
 *
 * A beat comes about every third of the TTL, 20 % early at most, so that two may fail. A failed beat is tried again
 * with backoff. The lease is lost when the store says so, and when the TTL has passed since the start of the last
 * beat that succeeded: a store that can't be asked has dropped us by then, whatever it would say.
 */
export class Heart {
  readonly lease: Lease
  readonly #supervision: Supervision
  readonly #limitMs: number
  readonly #members = new Set<HeartMember>()
  readonly #stopped = new AbortController()
  #lastBeat: number
  #alive = true

  /**
   * @param since when the request that gave the lease was sent, by the clock's `now`
   * @param atOnce whether the first beat is due now
   */
  constructor(supervision: Supervision, lease: Lease, limitMs: number, since: number, atOnce: boolean) {
    this.#supervision = supervision
    this.lease = lease
    this.#limitMs = limitMs
    this.#lastBeat = since
    void this.#run(atOnce)
  }

  get alive(): boolean {
    return this.#alive
  }

  join(member: HeartMember): void {
    this.#members.add(member)
  }

  /** The last one to leave stops the heart. */
  leave(member: HeartMember): void {
    this.#members.delete(member)
    if (this.#members.size === 0) this.#stop()
  }

  #stop(): void {
    this.#alive = false
    this.#stopped.abort(new RollcallError('CLOSED', 'the heart stopped'))
  }

  async #run(atOnce: boolean): Promise<void> {
    const { lost } = this.lease
    try {
      await Promise.race([this.#beat(atOnce ? 0 : this.#intervalMs()), ...(lost ? [aborted(lost)] : [])])
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      this.#stop()
      const reason = isFinal(error)
        ? error
        : new RollcallError('LEASE_LOST', `the store dropped the lease: ${messageOf(error)}`)
      for (const member of [...this.#members]) member.onLost(reason)
    }
  }

  /** Returns never; throws when the lease is lost. */
  async #beat(waitMs: number): Promise<never> {
    const { clock, random, backoff: range } = this.#supervision
    const backoff = new Backoff(random, range)
    for (;;) {
      await sleep(clock, waitMs, this.#stopped.signal)
      const sentAt = clock.now()
      if (this.#leftMs <= 0) throw this.#lapsed()
      try {
        await this.#renew()
        this.#lastBeat = sentAt
        backoff.reset()
        waitMs = this.#intervalMs()
      } catch (error) {
        if (this.#stopped.signal.aborted || isFinal(error)) throw error
        // However long the backoff, the lapse is noticed when it happens.
        waitMs = Math.min(backoff.next(error), Math.max(0, this.#leftMs))
        for (const member of [...this.#members]) member.onBeatFailed(error as RollcallError, waitMs)
      }
    }
  }

  #renew(): Promise<void> {
    const { clock } = this.#supervision
    // A beat that hangs costs a third of the lifetime at most, so that two may.
    const limitMs = Math.min(this.#limitMs, this.lease.ttlMs / 3, this.#leftMs)
    const limits = { clock, limitMs, signal: this.#stopped.signal, what: 'the heartbeat' }
    return attempt(limits, (own) => this.lease.renew(own))
  }

  get #leftMs(): number {
    return this.#lastBeat + this.lease.ttlMs - this.#supervision.clock.now()
  }

  #intervalMs(): number {
    return (this.lease.ttlMs / 3) * (0.8 + 0.2 * fraction(this.#supervision.random))
  }

  #lapsed(): RollcallError {
    return new RollcallError('LEASE_LOST', `no heartbeat came through for the TTL of ${this.lease.ttlMs} ms`)
  }
}

// Whoever is told so registers again and learns what is true; more beats would not change it.
function isFinal(error: unknown): error is RollcallError {
  return isRollcallError(error, 'LEASE_LOST') || isRollcallError(error, 'REPLACED')
}
