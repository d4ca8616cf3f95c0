import { RollcallError, messageOf } from '../../errors.js'
import { show } from '../../options.js'
import { givenKey } from '../key.js'
import type { Endpoint } from '../endpoint.js'
import type { Balancer, BalancerPlan } from './balancer.js'
import type { Chooser } from './chooser.js'

/** Makes a BAD_BALANCER error of whatever a user's balancer does wrong: throw, or return what is no candidate. */
export function guarded(balancer: Balancer): BalancerPlan {
  return { name: balancer.name || 'own', make: () => chooserOf(balancer) }
}

function chooserOf(balancer: Balancer): Chooser {
  let known: readonly Endpoint[] = []
  let places: ReadonlyMap<unknown, number> = new Map()
  return (candidates, key, note) => {
    const chosen = ask(balancer, candidates, key)
    if (candidates !== known) {
      known = candidates
      places = new Map(candidates.map((endpoint, i) => [endpoint, i]))
    }
    const place = places.get(chosen)
    if (place !== undefined) {
      note?.({ balancer: balancer.name || 'own', because: 'a function of your own chose it' })
      return place
    }
    throw badBalancer(`returned ${show(chosen)}, which is none of its ${candidates.length} candidates`)
  }
}

function ask(
  balancer: Balancer,
  candidates: readonly Endpoint[],
  key: string | undefined,
): Endpoint | undefined {
  try {
    return balancer(candidates, { key: givenKey(key) })
  } catch (cause) {
    throw badBalancer(`threw "${messageOf(cause)}"`, cause)
  }
}

function badBalancer(wrong: string, cause?: unknown): RollcallError {
  return new RollcallError(
    'BAD_BALANCER',
    `The balancer function ${wrong}: it must return one of the candidates it is given.`,
    cause === undefined ? undefined : { cause },
  )
}
