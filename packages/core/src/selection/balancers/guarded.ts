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
  let shown: readonly Endpoint[] = []
  let places: ReadonlyMap<unknown, number> = new Map()
  return (candidates, key, note) => {
    if (candidates !== known) {
      known = candidates
      // A copy: one who sorts it in place must hear of it, and must not shuffle the candidates of everybody.
      shown = Object.freeze([...candidates])
      places = new Map(candidates.map((endpoint, i) => [endpoint, i]))
    }
    const chosen = ask(balancer, shown, key)
    const place = places.get(chosen)
    if (place !== undefined) {
      note?.({ balancer: balancer.name || 'own', because: 'a function of your own chose it' })
      return place
    }
    throw badBalancer(
      `function returned ${show(chosen)}, which is none of its ${candidates.length} candidates`,
    )
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
    throw badBalancer(`function threw "${messageOf(cause)}"`, cause)
  }
}

export function badBalancer(wrong: string, cause?: unknown): RollcallError {
  return new RollcallError(
    'BAD_BALANCER',
    `The balancer ${wrong}: it must return one of the candidates it is given.`,
    cause === undefined ? undefined : { cause },
  )
}
