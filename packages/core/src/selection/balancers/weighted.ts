import type { Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { Chooser } from './chooser.js'
import { roundRobin } from './round-robin.js'
import { weightedRandom } from './weighted-random.js'

/** Takes turns while all weights are equal, which is the smoothest; else gives chances in proportion to them. */
export function weighted(random: Random): Chooser {
  const turns = roundRobin(random)
  const chances = weightedRandom(random)
  let known: readonly Endpoint[] = []
  let choose = turns
  return (candidates) => {
    if (candidates !== known) {
      known = candidates
      choose = haveEqualWeights(candidates) ? turns : chances
    }
    return choose(candidates)
  }
}

function haveEqualWeights(candidates: readonly Endpoint[]): boolean {
  return candidates.every(({ instance }) => instance.weight === candidates[0]!.instance.weight)
}
