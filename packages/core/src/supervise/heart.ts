import { sleep } from '../clock.js'
import type { Lease } from '../contract.js'
import { RollcallError, isRollcallError, messageOf } from '../errors.js'
import { fraction } from '../random.js'
import { aborted, attempt } from './attempt.js'
import { Backoff } from './backoff.js'
import type { Supervision } from './keep-trying.js'

/** Told of what happens to a lease that several registrations may share. */
export interface HeartMember {
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
   * @param proven false for a lease whose heart had stopped before: it is beaten at once
   */
  constructor(supervision: Supervision, lease: Lease, limitMs: number, since: number, proven: boolean) {
    this.#supervision = supervision
    this.lease = lease
    this.#limitMs = limitMs
    this.#lastBeat = since
    void this.#run(proven)
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

  async #run(proven: boolean): Promise<void> {
    const storeSaysLost = this.lease.lost ? aborted(this.lease.lost) : undefined
    try {
      const beating = this.#beat(proven)
      await (storeSaysLost ? Promise.race([beating, storeSaysLost]) : beating)
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      this.#stop()
      const lost = isRollcallError(error, 'LEASE_LOST')
        ? error
        : new RollcallError('LEASE_LOST', `the store dropped the lease: ${messageOf(error)}`)
      for (const member of this.#members) member.onLost(lost)
    }
  }

  /** Returns never; throws when the lease is lost. */
  async #beat(proven: boolean): Promise<never> {
    const { clock, random, backoff: range } = this.#supervision
    const backoff = new Backoff(random, range)
    let waitMs = proven ? this.#intervalMs() : 0
    for (;;) {
      await sleep(clock, waitMs, this.#stopped.signal)
      const sentAt = clock.now()
      const leftMs = this.#lastBeat + this.lease.ttlMs - sentAt
      if (leftMs <= 0 && proven) throw this.#lapsed()
      try {
        await this.#renew(proven ? Math.min(this.#limitMs, leftMs) : this.#limitMs)
        this.#lastBeat = sentAt
        proven = true
        backoff.reset()
        waitMs = this.#intervalMs()
      } catch (error) {
        if (this.#stopped.signal.aborted || isRollcallError(error, 'LEASE_LOST') || !proven) throw error
        // However long the backoff, the lapse is noticed when it happens.
        waitMs = Math.min(backoff.next(error), Math.max(0, this.#lastBeat + this.lease.ttlMs - clock.now()))
        for (const member of this.#members) member.onBeatFailed(error as RollcallError, waitMs)
      }
    }
  }

  #renew(limitMs: number): Promise<void> {
    const { clock } = this.#supervision
    const signal = this.#stopped.signal
    return attempt({ clock, limitMs, signal, what: 'the heartbeat' }, (own) => this.lease.renew(own))
  }

  #intervalMs(): number {
    return (this.lease.ttlMs / 3) * (0.8 + 0.2 * fraction(this.#supervision.random))
  }

  #lapsed(): RollcallError {
    return new RollcallError('LEASE_LOST', `no heartbeat came through for the TTL of ${this.lease.ttlMs} ms`)
  }
}
