import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools } from './chooser.js'
import { roundRobin } from './round-robin.js'
import { weightedRandom } from './weighted-random.js'

/** Takes turns while all weights are equal, which is the smoothest; else gives chances in proportion to them. */
export function weighted(): BalancerPlan {
  return { name: 'weighted', make: (tools) => new TurnsOrChances(tools).choose }
}

class TurnsOrChances {
  readonly #turns: Chooser
  readonly #chances: Chooser
  #candidates: readonly Endpoint[] = []
  #chosen: Chooser

  constructor(tools: ChooserTools) {
    this.#turns = roundRobin().make(tools)
    this.#chances = weightedRandom().make(tools)
    this.#chosen = this.#turns
  }

  readonly choose: Chooser = (candidates, key, note) => {
    if (candidates !== this.#candidates) this.#meet(candidates)
    return this.#chosen(candidates, key, note)
  }

  #meet(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates
    this.#chosen = haveEqualWeights(candidates) ? this.#turns : this.#chances
  }
}

function haveEqualWeights(candidates: readonly Endpoint[]): boolean {
  return candidates.every(({ instance }) => instance.weight === candidates[0]!.instance.weight)
}
