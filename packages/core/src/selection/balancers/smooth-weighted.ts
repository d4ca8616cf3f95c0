import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser } from './chooser.js'
import { formerPlaces } from './former-places.js'
import { TurnCycle } from './turn-cycle.js'
import { TurnRings } from './turn-rings.js'
import { TurnScan } from './turn-scan.js'
import { inherit, type Inherited, periodOf, type Turns } from './turns.js'
import { weightsOf } from './weights.js'

/**
 * The steps that nginx's way may take for a whole cycle: a scan for each turn, among 512 at most (some 0.5 us), or
 * a cycle of 131,072 turns at most, which are 256 kB.
 */
const mostSteps = 2 ** 18

/** The longest cycle that is remembered otherwise: 128 kB. */
const longestCycle = 2 ** 16

/**
 * Smooth weighted round robin: takes turns in proportion to the weights, the picks of each spread as evenly as they can
 * be. 5, 1 and 1 give `a a b a c a a`, nginx's order. Where nginx's cycle is long (the number of candidates times the
 * sum of their weights, divided by what these have in common, is above 262,144) the order is another one, as fair over
 * a cycle and nearly as smooth. Failures lower no weight, as they do in nginx: taking endpoints out is done for all
 * balancers alike.
 *
 * Who comes, leaves or changes weight moves nobody else's place. All callers begin with the same candidate: where
 * thousands of them make a call or two each, `weighted-random` spreads better.
 */
export function smoothWeighted(): BalancerPlan {
  return { name: 'smooth-weighted', make: () => new SmoothTurns().choose }
}

class SmoothTurns {
  #candidates: readonly Endpoint[] = []
  #turns: Turns | undefined

  readonly choose: Chooser = (candidates, _key, note) => {
    if (candidates !== this.#candidates) this.#meet(candidates)
    const place = this.#turns!.next()
    note?.({ balancer: 'smooth-weighted', because: reasonOf(candidates, place) })
    return place
  }

  #meet(candidates: readonly Endpoint[]): void {
    const places = formerPlaces(this.#candidates, candidates)
    this.#turns = turnsFor(candidates, inherit(this.#turns?.standing(), places))
    this.#candidates = candidates
  }
}

function turnsFor(candidates: readonly Endpoint[], inherited: Inherited): Turns {
  const weights = weightsOf(candidates)
  const period = periodOf(weights)
  if (period * weights.length <= mostSteps) return new TurnCycle(new TurnScan(weights, inherited), period)
  const rings = new TurnRings(weights, inherited)
  return period <= longestCycle ? new TurnCycle(rings, period) : rings
}

function reasonOf(candidates: readonly Endpoint[], place: number): string {
  const weights = weightsOf(candidates)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return `its turn, of which it has ${weights[place]!} in ${total}`
}
