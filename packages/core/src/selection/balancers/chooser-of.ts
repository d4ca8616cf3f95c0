import { badOption, show } from '../../options.js'
import type { Random } from '../../random.js'
import type { Balancer, BalancerName } from './balancer.js'
import type { Chooser } from './chooser.js'
import { guarded } from './guarded.js'
import { random } from './random.js'
import { roundRobin } from './round-robin.js'
import { weighted } from './weighted.js'
import { weightedRandom } from './weighted-random.js'

const factories: Readonly<Record<BalancerName, (random: Random) => Chooser>> = {
  weighted,
  'round-robin': roundRobin,
  random,
  'weighted-random': weightedRandom,
}

/** Makes a balancer of its name, or guards a user's own. Throws BAD_OPTION for a name that nobody knows. */
export function chooserOf(wanted: BalancerName | Balancer = 'weighted', chance: Random): Chooser {
  if (typeof wanted === 'function') return guarded(wanted)
  if (typeof wanted === 'string' && Object.hasOwn(factories, wanted)) return factories[wanted](chance)
  const known = Object.keys(factories).join(', ')
  throw badOption('balancer', `is ${show(wanted)}`, `give one of ${known}, or a function`)
}
