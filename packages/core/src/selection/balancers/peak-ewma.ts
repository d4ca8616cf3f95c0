import { fraction, type Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { ChoiceReason, Chooser, Considered } from './chooser.js'
import { second } from './draw.js'
import { planOptions } from './plan-options.js'
import { unequalWeightsOf } from './weights.js'

export interface PeakEwmaOptions {
  /** The time in milliseconds over which an average round trip forgets: after it, 37 % are left. 10000 by default. */
  readonly decayMs?: number
}

/** What `peakEwma` takes. */
export const peakEwmaOptions = {
  decayMs: {
    type: 'number',
    default: 10_000,
    min: 1,
    max: 3_600_000,
    about: 'time in milliseconds over which an average round trip forgets',
  },
} as const

/** The cost of one that nobody knows yet while a call to it is under way: above whatever an average may come to. */
const unknown = 1e12

/** Ages this far apart, as a share of the decay time, are taken for the same: 1.6 % of the cost at most. */
const sameAge = 1 / 64

/**
 * Draws two and takes the one with the smaller average round trip * (inFlight + 1) / weight: keeps calls away from
 * whoever is slow, from the first slow answer on. One that was never called is called next, once: until its answer is
 * there, others are preferred. One that looked slow is tried again when its average has faded. From Finagle.
 *
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function peakEwma(options: PeakEwmaOptions = {}): BalancerPlan {
  const { decayMs } = planOptions(peakEwmaOptions, options)
  return { name: 'peak-ewma', decayMs, make: ({ random }) => cheaperOfTwo(random, decayMs) }
}

function cheaperOfTwo(random: Random, decayMs: number): Chooser {
  let costs = new Costs([], decayMs)
  return (candidates, _key, note) => {
    if (candidates !== costs.candidates) costs = new Costs(candidates, decayMs)
    if (candidates.length === 1) {
      note?.(costs.reason('the only one', 0, 0))
      return 0
    }
    const spot = fraction(random) * candidates.length
    const first = Math.floor(spot)
    const other = second(spot, first, candidates.length)
    note?.(costs.reason('the cheaper of 2 drawn', first, other))
    return costs.isLess(other, first) ? other : first
  }
}

/** Compares the candidates of one array by what a call to them would cost. */
class Costs {
  readonly candidates: readonly Endpoint[]
  readonly #weights: Uint16Array | undefined
  readonly #decayMs: number
  readonly #sameAgeMs: number

  constructor(candidates: readonly Endpoint[], decayMs: number) {
    this.candidates = candidates
    this.#weights = unequalWeightsOf(candidates)
    this.#decayMs = decayMs
    this.#sameAgeMs = decayMs * sameAge
  }

  /**
   * An average fades while nothing is measured, so that an idle endpoint is tried again. How far, by now, would take a
   * look at the clock, twice as long as all the rest. But all fade by the same factor, e^(-elapsed / decayMs), so of
   * two averages it is enough to bring the older one to the time of the younger: who is cheaper does not change after.
   */
  isLess(a: number, b: number): boolean {
    const one = this.candidates[a]!
    const other = this.candidates[b]!
    let cost = costOf(one)
    let otherCost = costOf(other)
    if (one.averageMs > 0 && other.averageMs > 0) {
      const younger = one.averagedAt - other.averagedAt
      if (younger > this.#sameAgeMs) otherCost *= Math.exp(-younger / this.#decayMs)
      else if (younger < -this.#sameAgeMs) cost *= Math.exp(younger / this.#decayMs)
    }
    if (this.#weights === undefined) return cost < otherCost
    return cost * this.#weights[b]! < otherCost * this.#weights[a]!
  }

  reason(because: string, first: number, second: number): ChoiceReason {
    const places = first === second ? [first] : [first, second]
    const asOf = Math.max(...places.map((place) => this.candidates[place]!.averagedAt))
    const considered = places.map((place) => this.#consider(this.candidates[place]!, asOf))
    return { balancer: 'peak-ewma', because, considered }
  }

  #consider(endpoint: Endpoint, asOf: number): Considered {
    const { averageMs, averagedAt, inFlight, instance } = endpoint
    const faded = averageMs > 0 ? Math.exp((averagedAt - asOf) / this.#decayMs) : 1
    const cost = (costOf(endpoint) * faded) / (this.#weights === undefined ? 1 : instance.weight)
    return { id: instance.id, cost, averageMs: averageMs * faded, inFlight, weight: instance.weight }
  }
}

function costOf({ averageMs, inFlight }: Endpoint): number {
  if (averageMs === 0) return inFlight === 0 ? 0 : unknown + inFlight
  return averageMs * (inFlight + 1)
}
