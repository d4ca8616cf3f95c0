import type { Endpoint } from '../endpoint.js'
import type { Considered } from './chooser.js'
import { unequalWeightsOf } from './weights.js'

/** Compares the candidates of one array by what they have in flight and their weights. */
export class Loads {
  readonly candidates: readonly Endpoint[]
  readonly #bias: number
  readonly #weights: Uint16Array | undefined

  constructor(candidates: readonly Endpoint[], bias: number) {
    this.candidates = candidates
    this.#bias = bias
    this.#weights = unequalWeightsOf(candidates)
  }

  /**
   * Below 0 if `a` has more weight / (inFlight + 1)^bias than `b`, 0 if it has as much. Multiplied out, since divisions
   * take longer and round.
   */
  compare(a: number, b: number): number {
    const calls = this.candidates[a]!.inFlight
    const others = this.candidates[b]!.inFlight
    if (this.#weights === undefined) return this.#bias > 0 ? calls - others : 0
    const weight = this.#weights[a]!
    const other = this.#weights[b]!
    if (this.#bias === 1) return other * (calls + 1) - weight * (others + 1)
    return other * (calls + 1) ** this.#bias - weight * (others + 1) ** this.#bias
  }

  /** (inFlight + 1)^bias / weight: the same for those of whom `compare` says 0. */
  at(place: number): number {
    const calls = this.candidates[place]!.inFlight + 1
    const load = this.#bias === 1 ? calls : calls ** this.#bias
    return this.#weights === undefined ? load : load / this.#weights[place]!
  }

  considered(places: Iterable<number>): Considered[] {
    return Array.from(places, (place) => {
      const { inFlight, instance } = this.candidates[place]!
      return { id: instance.id, inFlight, weight: instance.weight }
    })
  }
}
