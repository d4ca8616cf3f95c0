import type { Instance } from '../instance.js'
import { badOption, show } from '../options.js'
import type { Endpoint, Standing } from './endpoint.js'
import { isOutcome, type Outcome } from './outcome.js'

/** Takes a pick's outcome in. */
export interface Settler {
  settle(endpoint: Endpoint, outcome: Outcome, began: Standing, begunAt: number): void
}

/**
 * One decision: the instance to call, counted as in flight until its one outcome comes back.
 *
 * `using pick = orders.acquire()` ends it as `cancelled` unless `done` was called before.
 */
export class Pick {
  /** As the store described it when it was picked. */
  readonly instance: Instance
  readonly endpoint: Endpoint
  readonly #began: Standing
  readonly #begunAt: number
  #settler: Settler | undefined

  /** @param begunAt by the clock's `now`; 0 when nobody measures */
  constructor(endpoint: Endpoint, began: Standing, begunAt: number, settler: Settler) {
    this.instance = endpoint.instance
    this.endpoint = endpoint
    this.#began = began
    this.#begunAt = begunAt
    this.#settler = settler
  }

  /**
   * Ends it. The first outcome counts and any later one is ignored, so that `finally` and `using` may end what is
   * ended already. Throws BAD_OPTION for a word that is no outcome; the pick is then still open.
   */
  done(outcome: Outcome): void {
    if (outcome !== 'ok' && !isOutcome(outcome)) {
      throw badOption(
        'outcome',
        `is ${show(outcome)}`,
        "give 'ok', 'failed', 'refused', 'overtaken' or 'cancelled'",
      )
    }
    const settler = this.#settler
    this.#settler = undefined
    settler?.settle(this.endpoint, outcome, this.#began, this.#begunAt)
  }

  [Symbol.dispose](): void {
    this.done('cancelled')
  }
}
