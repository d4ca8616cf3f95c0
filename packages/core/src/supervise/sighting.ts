import type { Clock } from '../clock.js'

/** A store needs a moment to show what it accepted: an absence younger than this is no absence. */
const settleMs = 3_000
const mostDoublings = 5
const soonestMs = 1_000

/**
 * Whether an instance that was written is seen in the listings, and how long it may be missing before it is written
 * again: doubled by every absence in a row, so that a store that never lists us is not written to every three seconds
 * for ever.
 */
export class Sighting {
  readonly #clock: Clock
  #since = 0
  #absences = 0
  #isSeen = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The instance was written at `since`, by the clock's `now`. */
  await(since: number): void {
    this.#since = since
    this.#isSeen = false
  }

  /** Whether it was listed since it was last written. */
  get isSeen(): boolean {
    return this.#isSeen
  }

  /** It was listed: the next absence is the first again. Returns whether that is news. */
  confirm(): boolean {
    this.#absences = 0
    if (this.#isSeen) return false
    this.#isSeen = true
    return true
  }

  /** It was not listed: whether it should be by now. If so, the next time has more patience. */
  isMissing(): boolean {
    this.#isSeen = false
    if (this.#leftMs > 0) return false
    this.#absences++
    return true
  }

  /** When looking again is worth while: often at first, and the last time when patience ends. */
  get lookAgainInMs(): number {
    return Math.max(soonestMs, this.#leftMs / 3)
  }

  get #leftMs(): number {
    return this.#since + settleMs * 2 ** Math.min(this.#absences, mostDoublings) - this.#clock.now()
  }
}
