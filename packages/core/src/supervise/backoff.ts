import { isRollcallError } from '../errors.js'
import { fraction, type Random } from '../random.js'

export interface BackoffRange {
  /** The longest wait after a passing fault. */
  readonly maxMs: number
  /** The usual wait after MISCONFIGURED: hammering a store with a refused token helps nobody. */
  readonly refusedMs: number
}

const firstMs = 100

/**
 * Full jitter: a wait anywhere between nothing and a ceiling that doubles from 100 ms, so that a thousand processes
 * that lost one store do not come back to it in step. (Brooker, "Exponential Backoff And Jitter", 2015.)
 */
export class Backoff {
  readonly #random: Random
  readonly #range: BackoffRange
  #ceilingMs = firstMs

  constructor(random: Random, range: BackoffRange) {
    this.#random = random
    this.#range = range
  }

  /** How long to wait after this error. */
  next(error: unknown): number {
    const chance = fraction(this.#random)
    // Half to one and a half: a refused token is mended by a person, for all processes at once.
    if (isRollcallError(error, 'MISCONFIGURED')) return this.#range.refusedMs * (0.5 + chance)
    const ceiling = Math.min(this.#ceilingMs, this.#range.maxMs)
    this.#ceilingMs = ceiling * 2
    return chance * ceiling
  }

  /** After a success: the next failure starts from the short end. */
  reset(): void {
    this.#ceilingMs = firstMs
  }
}
