import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools } from './chooser.js'
import { roundRobin } from './round-robin.js'
import { weightedRandom } from './weighted-random.js'

/** Takes turns while all weights are equal, which is the smoothest; else gives chances in proportion to them. */
export function weighted(): BalancerPlan {
  return { name: 'weighted', make: turnsOrChances }
}

function turnsOrChances(tools: ChooserTools): Chooser {
  const turns = roundRobin().make(tools)
  const chances = weightedRandom().make(tools)
  let known: readonly Endpoint[] = []
  let choose = turns
  return (candidates, key, note) => {
    if (candidates !== known) {
      known = candidates
      choose = haveEqualWeights(candidates) ? turns : chances
    }
    return choose(candidates, key, note)
  }
}

function haveEqualWeights(candidates: readonly Endpoint[]): boolean {
  return candidates.every(({ instance }) => instance.weight === candidates[0]!.instance.weight)
}
