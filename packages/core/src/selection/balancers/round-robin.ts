import { below, type Random } from '../../random.js'
import type { Chooser } from './chooser.js'

/**
 * Takes turns. Starts at a random place, so that a thousand callers started together don't all begin with the first,
 * and goes on from the same place when the candidates change.
 */
export function roundRobin(random: Random): Chooser {
  let next = -1
  return (candidates) => {
    const i = next < 0 ? below(random, candidates.length) : next
    const here = i < candidates.length ? i : 0
    next = here + 1
    return here
  }
}
