import { below } from '../../random.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools } from './chooser.js'

/**
 * Takes turns; weights don't matter. Starts at a random place, so that a thousand callers started together don't all
 * begin with the first, and goes on from the same place when the candidates change.
 */
export function roundRobin(): BalancerPlan {
  return { name: 'round-robin', make: takeTurns }
}

function takeTurns({ random }: ChooserTools): Chooser {
  let next = -1
  return (candidates, _key, note) => {
    const i = next < 0 ? below(random, candidates.length) : next
    const here = i < candidates.length ? i : 0
    next = here + 1
    note?.({ balancer: 'round-robin', because: `turn ${here + 1} of ${candidates.length}` })
    return here
  }
}
