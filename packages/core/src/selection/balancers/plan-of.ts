import { badOption, show } from '../../options.js'
import type { Balancer, BalancerName, BalancerPlan } from './balancer.js'
import { guarded } from './guarded.js'
import { leastRequest } from './least-request.js'
import { maglev } from './maglev.js'
import { peakEwma } from './peak-ewma.js'
import { random } from './random.js'
import { rendezvous } from './rendezvous.js'
import { ring } from './ring.js'
import { roundRobin } from './round-robin.js'
import { smoothWeighted } from './smooth-weighted.js'
import { sticky } from './sticky.js'
import { weighted } from './weighted.js'
import { weightedRandom } from './weighted-random.js'

const plans: Readonly<Record<BalancerName, () => BalancerPlan>> = {
  weighted,
  'round-robin': roundRobin,
  random,
  'weighted-random': weightedRandom,
  'smooth-weighted': smoothWeighted,
  'least-request': leastRequest,
  'peak-ewma': peakEwma,
  ring,
  maglev,
  rendezvous,
  sticky,
}

/**
 * The plan of a balancer's name, or a plan as it is, or a user's own function, guarded. Throws BAD_OPTION for a name
 * that nobody knows; `option` is the name of the option it came from.
 */
export function planOf(
  wanted: BalancerName | Balancer | BalancerPlan = 'weighted',
  option = 'balancer',
): BalancerPlan {
  if (typeof wanted === 'function') return guarded(wanted)
  if (isPlan(wanted)) return wanted
  if (typeof wanted === 'string' && Object.hasOwn(plans, wanted)) return plans[wanted]()
  const known = Object.keys(plans).join(', ')
  throw badOption(option, `is ${show(wanted)}`, `give one of ${known}, a plan or a function`)
}

function isPlan(wanted: unknown): wanted is BalancerPlan {
  return typeof wanted === 'object' && wanted !== null && typeof (wanted as BalancerPlan).make === 'function'
}
