import type { Random } from '../../random.js'
import { badOption, show } from '../../options.js'
import type { Endpoint } from '../endpoint.js'
import { guarded } from './guarded.js'
import { random } from './random.js'
import { roundRobin } from './round-robin.js'
import { weighted } from './weighted.js'
import { weightedRandom } from './weighted-random.js'

/**
 * Chooses one of the candidates, synchronously. It is never given an empty array, and is given the same array object
 * until the candidates or their weights change: whatever is costly to build may be kept for an array.
 * Undefined is allowed by the type for the sake of `candidates[i]`; returning it is an error.
 */
export type Balancer = (candidates: readonly Endpoint[]) => Endpoint | undefined

/**
 * - `weighted` (the default): takes turns while all weights are equal, else `weighted-random`.
 * - `round-robin`: takes turns; weights don't matter.
 * - `random`: everyone has the same chance; weights don't matter.
 * - `weighted-random`: chances in proportion to the weights.
 */
export type BalancerName = 'weighted' | 'round-robin' | 'random' | 'weighted-random'

const factories: Readonly<Record<BalancerName, (random: Random) => Balancer>> = {
  weighted,
  'round-robin': roundRobin,
  random,
  'weighted-random': weightedRandom,
}

/** Makes a balancer of its name, or guards a user's own. Throws BAD_OPTION for a name that nobody knows. */
export function balancerOf(wanted: BalancerName | Balancer | undefined, chance: Random): Balancer {
  if (typeof wanted === 'function') return guarded(wanted)
  const name = wanted === undefined ? 'weighted' : wanted
  if (typeof name === 'string' && Object.hasOwn(factories, name)) return factories[name](chance)
  const known = Object.keys(factories).join(', ')
  throw badOption('balancer', `is ${show(name)}`, `give one of ${known}, or a function`)
}
