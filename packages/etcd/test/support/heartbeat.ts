import type { Lease } from '@rollcall/core/adapter'
import { within } from './open.js'

const pauseMs = 500

/** Renews a lease again and again, and keeps how the machine let it: the premise of what an expiry proves. */
export class Heartbeat {
  /**
   * The longest that the server can have been without a renewal: from when one was sent to when the next was answered.
   * Below the TTL the lease can't have run out.
   */
  longestGapMs = 0
  /** How much longer it took than its pauses alone. */
  heldUpMs = 0
  readonly #lease: Lease
  readonly #rounds: Promise<void>
  #isOver = false

  /** `askedAt`: when the lease was asked for, as `performance.now()`. */
  constructor(lease: Lease, askedAt: number) {
    this.#lease = lease
    this.#rounds = this.#beat(askedAt)
  }

  /** Ends after the round under way. */
  stop(): Promise<void> {
    this.#isOver = true
    return this.#rounds
  }

  async #beat(askedAt: number): Promise<void> {
    const since = performance.now()
    let sentAt = askedAt
    for (let rounds = 1; !this.#isOver; rounds++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const before = sentAt
      sentAt = performance.now()
      // A refusal is an answer too: whether the lease should have lived on is told by the gaps.
      await this.#lease.renew(within()).catch(() => undefined)
      const now = performance.now()
      this.longestGapMs = Math.max(this.longestGapMs, now - before)
      this.heldUpMs = now - since - rounds * pauseMs
    }
  }
}
