/**
 * Calls begin at random moments at a steady mean rate (a Poisson process), whatever became of those before: a caller
 * that waited for answers would call the least while it is worst.
 */
export class Arrivals {
  readonly #meanGapMs: number
  readonly #onArrival: (meantAt: number) => void
  #nextAt: number
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(perSecond: number, onArrival: (meantAt: number) => void) {
    this.#meanGapMs = 1000 / perSecond
    this.#onArrival = onArrival
    this.#nextAt = performance.now() + this.#gapMs()
    this.#wait()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #wait(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.#arrive(), this.#nextAt - performance.now())
  }

  /** All that are due: a late timer must not make the calls fewer. */
  #arrive(): void {
    for (const now = performance.now(); this.#nextAt <= now; this.#nextAt += this.#gapMs()) {
      this.#onArrival(this.#nextAt)
    }
    // Node runs timers as long as any is due: set at once, they would let a busy process read no answer any more.
    setImmediate(() => this.#wait())
  }

  #gapMs(): number {
    return -Math.log(1 - Math.random()) * this.#meanGapMs
  }
}
