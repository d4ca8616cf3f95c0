import type { Clock } from '../clock.js'

// A look at the clock costs as much as all the rest of counting a call, so that only every so many calls pay for one.
const callsPerLook = 32

/** Tells when an interval of calls is over, without a timer: a quiet service's interval just lasts longer. */
export class RateWindow {
  readonly #clock: Clock
  readonly #intervalMs: number
  #endsAt: number
  #untilLook = callsPerLook

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#endsAt = clock.now() + intervalMs
  }

  /** Counts a call. True when the interval is over; the next has then begun. */
  isOver(): boolean {
    if (--this.#untilLook > 0) return false
    this.#untilLook = callsPerLook
    const now = this.#clock.now()
    if (now < this.#endsAt) return false
    this.#endsAt = now + this.#intervalMs
    return true
  }
}
