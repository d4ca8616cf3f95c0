import { below, type Random } from '../../random.js'
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

  /** One of the least loaded, by chance; the first of them, or the next after some place, would get more. */
  drawLeast(random: Random): number {
    const { candidates } = this
    const weights = this.#weights
    const bias = this.#bias
    let least = Infinity
    let equals = 0
    for (let i = 0; i < candidates.length; i++) {
      const load = loadOf(candidates[i]!, weights?.[i] ?? 1, bias)
      if (load > least) continue
      equals = load < least ? 1 : equals + 1
      least = load
    }
    let place = -1
    for (let left = below(random, equals); left >= 0;) {
      place++
      if (loadOf(candidates[place]!, weights?.[place] ?? 1, bias) === least) left--
    }
    return place
  }

  considered(places: Iterable<number>): Considered[] {
    return Array.from(places, (place) => {
      const { inFlight, instance } = this.candidates[place]!
      return { id: instance.id, inFlight, weight: instance.weight }
    })
  }
}

/** The same for those of whom `compare` says 0. */
function loadOf({ inFlight }: Endpoint, weight: number, bias: number): number {
  return (bias === 1 ? inFlight + 1 : (inFlight + 1) ** bias) / weight
}
