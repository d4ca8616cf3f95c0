/** What the checks of one thing add up to. */
export type VerdictState = 'unknown' | 'passing' | 'failing'

export interface Thresholds {
  /** Failures in a row that make it failing. */
  readonly unhealthyAfter: number
  /** Passes in a row that make it passing again. */
  readonly healthyAfter: number
}

/**
 * A verdict that one result alone does not overturn, save the first: whoever was never judged is passing with the
 * first check passed (as Envoy has it).
 */
export class Verdict {
  readonly #thresholds: Thresholds
  #state: VerdictState
  /** Results in a row that contradict the state. */
  #against = 0

  constructor(thresholds: Thresholds, state: VerdictState = 'unknown') {
    this.#thresholds = thresholds
    this.#state = state
  }

  get state(): VerdictState {
    return this.#state
  }

  /** Whether the last result contradicts the state: the next may change it. */
  get isInDoubt(): boolean {
    return this.#against > 0
  }

  /** Takes a result in; returns whether it changed the state. */
  take(passed: boolean): boolean {
    const said = passed ? 'passing' : 'failing'
    if (said === this.#state) {
      this.#against = 0
      return false
    }
    this.#against++
    if (this.#against < this.#neededFor(passed)) return false
    this.#state = said
    this.#against = 0
    return true
  }

  #neededFor(passed: boolean): number {
    if (!passed) return this.#thresholds.unhealthyAfter
    return this.#state === 'unknown' ? 1 : this.#thresholds.healthyAfter
  }
}
