import type { PeriodicTurns, Standing, Turns } from './turns.js'

/**
 * Remembers an order that repeats, so that a turn is one read. Each turn is worked out when it first comes: nobody waits
 * for the whole of the cycle, and after a change only as much of it is worked out as is used.
 */
export class TurnCycle implements Turns {
  readonly #turns: PeriodicTurns
  readonly #order: Uint16Array
  /** The credits when the cycle began. */
  readonly #start: Int32Array | Float64Array
  /** How many turns of the cycle are known. */
  #known = 0
  #at = 0
  /** It ends as it began: from now on it is only repeated. */
  #isClosed = false

  /** `period` turns of `turns`, among 65,536 places at most. */
  constructor(turns: PeriodicTurns, period: number) {
    this.#turns = turns
    this.#order = new Uint16Array(period)
    this.#start = turns.credits.slice()
  }

  next(): number {
    if (this.#at === this.#known) this.#goOn()
    return this.#order[this.#at++]!
  }

  standing(): Standing {
    // While a known cycle is repeated its turns stand at its beginning.
    if (this.#at < this.#known) for (let i = 0; i < this.#at; i++) this.#turns.next()
    return this.#turns.standing()
  }

  #goOn(): void {
    if (this.#at === this.#order.length) this.#beginAgain()
    if (this.#at === this.#known) this.#order[this.#known++] = this.#turns.next()
  }

  /** A cycle that began with inherited credits may not end with them: then the next one is another. */
  #beginAgain(): void {
    this.#at = 0
    const { credits } = this.#turns
    this.#isClosed ||= credits.every((credit, i) => credit === this.#start[i])
    if (this.#isClosed) return
    this.#start.set(credits)
    this.#known = 0
  }
}
