import type { Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { Balancer } from './balancer.js'
import { roundRobin } from './round-robin.js'
import { weightedRandom } from './weighted-random.js'

/** Takes turns while all weights are equal, which is the smoothest; else gives chances in proportion to them. */
export function weighted(random: Random): Balancer {
  const turns = roundRobin(random)
  const chances = weightedRandom(random)
  let known: readonly Endpoint[] = []
  let equal = true
  return (candidates) => {
    if (candidates !== known) {
      known = candidates
      equal = candidates.every(({ instance }) => instance.weight === candidates[0]!.instance.weight)
    }
    return equal ? turns(candidates) : chances(candidates)
  }
}
