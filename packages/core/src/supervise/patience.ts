import type { Clock } from '../clock.js'

/** A store needs a moment to show what it accepted: an absence younger than this is no absence. */
const settleMs = 3_000
const mostDoublings = 5
const soonestMs = 1_000

/**
 * How long an instance that was written may be missing from the listings before it is written again. Doubled by
 * every absence in a row, so that a store that never lists us is not written to every three seconds for ever.
 */
export class Patience {
  readonly #clock: Clock
  #since = 0
  #absences = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The instance was written at `since`, by the clock's `now`. */
  start(since: number): void {
    this.#since = since
  }

  /** It was listed: the next absence is the first again. */
  renew(): void {
    this.#absences = 0
  }

  /** It was not listed: whether it should be by now. If so, the next time has more patience. */
  isOver(): boolean {
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
