/**
 * Calls begin at random moments at a steady mean rate (a Poisson process), whatever became of those before: a caller
 * that waited for answers would call the least while it is worst.
 */
export class Arrivals {
  readonly #meanGapMs: number
  readonly #onArrival: (meantAt: number) => void
  #nextAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(perSecond: number, onArrival: (meantAt: number) => void) {
    this.#meanGapMs = 1000 / perSecond
    this.#onArrival = onArrival
    this.#wait()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #wait(): void {
    this.#nextAt -= Math.log(1 - Math.random()) * this.#meanGapMs
    this.#timer = setTimeout(() => this.#arrive(), this.#nextAt - performance.now())
  }

  #arrive(): void {
    this.#onArrival(this.#nextAt)
    this.#wait()
  }
}
