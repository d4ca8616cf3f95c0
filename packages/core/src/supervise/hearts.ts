import type { Lease } from '../contract.js'
import { Heart, type HeartMember } from './heart.js'
import type { Supervision } from './keep-trying.js'

/** One heart for every distinct lease, however many registrations share it. */
export class Hearts {
  readonly #supervision: Supervision
  readonly #limitMs: number
  readonly #beating = new Map<Lease, Heart>()
  readonly #beaten = new WeakSet<Lease>()

  constructor(supervision: Supervision, limitMs: number) {
    this.#supervision = supervision
    this.#limitMs = limitMs
  }

  /**
   * Moves a member from one lease to another, or keeps it where it is. `since` is when the request that gave the
   * lease was sent.
   */
  move(member: HeartMember, from: Lease | undefined, to: Lease, since: number): void {
    this.#of(to, since).join(member)
    if (from && from !== to) this.leave(member, from)
  }

  leave(member: HeartMember, lease: Lease): void {
    this.#beating.get(lease)?.leave(member)
    this.#sweep(lease)
  }

  #of(lease: Lease, since: number): Heart {
    this.#sweep(lease)
    const known = this.#beating.get(lease)
    if (known) return known
    // Registering under a shared lease does not renew it: one that was given up before may be near its end.
    const atOnce = this.#beaten.has(lease)
    const heart = new Heart(this.#supervision, lease, this.#limitMs, since, atOnce)
    this.#beating.set(lease, heart)
    this.#beaten.add(lease)
    return heart
  }

  #sweep(lease: Lease): void {
    if (this.#beating.get(lease)?.alive === false) this.#beating.delete(lease)
  }
}
