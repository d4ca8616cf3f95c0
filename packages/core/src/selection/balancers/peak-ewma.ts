import { fraction, type Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import { averageAt, unmeasured } from '../latency.js'
import type { BalancerPlan } from './balancer.js'
import type { ChoiceReason, Chooser } from './chooser.js'
import { second } from './draw.js'
import { settingsOf } from '../../settings.js'
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

/** For one that nobody knows yet while a call to it is under way: above whatever slowness may come to. */
const unknown = 2 ** 52

/** 1000 * ln(inFlight + 1), for as many as are usual. */
const logarithms = Int32Array.from({ length: 256 }, (_, inFlight) => wholeThousandLn(inFlight + 1))

/**
 * Draws two and takes the one with the smaller average round trip * (inFlight + 1) / weight: keeps calls away from
 * whoever is slow, from the first slow answer on. One that was never called is called next, once: until its answer is
 * there, others are preferred. One that looked slow is tried again when its average has faded. From Finagle.
 *
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function peakEwma(options: PeakEwmaOptions = {}): BalancerPlan {
  const { decayMs } = settingsOf('peakEwma', peakEwmaOptions, options)
  return { name: 'peak-ewma', decayMs, make: ({ random }) => cheaperOfTwo(random, decayMs) }
}

function cheaperOfTwo(random: Random, decayMs: number): Chooser {
  let costs = new Costs([], decayMs)
  return (candidates, _key, note) => {
    if (candidates !== costs.candidates) costs = new Costs(candidates, decayMs)
    if (candidates.length === 1) {
      note?.(costs.reason('the only one', 0))
      return 0
    }
    const spot = fraction(random) * candidates.length
    const first = Math.floor(spot)
    const other = second(spot, first, candidates.length)
    note?.(costs.reason('the cheaper of 2 drawn', first, other))
    return costs.isLess(other, first) ? other : first
  }
}

/** Compares the candidates of one array by what a call to them would cost, by logarithms: see `observe`. */
class Costs {
  readonly candidates: readonly Endpoint[]
  readonly #decayMs: number
  /** 1000 * ln weight, by place; undefined while all are equal. */
  readonly #weights: Int32Array | undefined

  constructor(candidates: readonly Endpoint[], decayMs: number) {
    this.candidates = candidates
    this.#decayMs = decayMs
    const weights = unequalWeightsOf(candidates)
    // A weight of 0 beside others is no candidate's; should one be, it is dear enough.
    this.#weights =
      weights && new Int32Array(weights.length).map((_, i) => wholeThousandLn(weights[i]! || 1e-9))
  }

  isLess(a: number, b: number): boolean {
    const cost = costOf(this.candidates[a]!)
    const other = costOf(this.candidates[b]!)
    if (this.#weights === undefined) return cost < other
    return cost - this.#weights[a]! < other - this.#weights[b]!
  }

  /** What `cost` is of all of them at once, when the last of their averages was measured. */
  reason(because: string, ...places: readonly number[]): ChoiceReason {
    const looked = places.map((place) => this.candidates[place]!)
    const asOf = Math.max(...looked.map(({ averagedAt }) => averagedAt))
    const considered = looked.map((endpoint) => {
      const { id, weight } = endpoint.instance
      const { inFlight } = endpoint
      const averageMs = averageAt(endpoint, asOf, this.#decayMs)
      const cost = (averageMs * (inFlight + 1)) / (this.#weights === undefined ? 1 : weight)
      return { id, averageMs, inFlight, weight, ...(averageMs > 0 && { cost }) }
    })
    return { balancer: 'peak-ewma', because, considered }
  }
}

function costOf({ slowness, inFlight }: Endpoint): number {
  if (slowness === unmeasured) return inFlight === 0 ? -unknown : unknown + inFlight
  return slowness + (inFlight < logarithms.length ? logarithms[inFlight]! : wholeThousandLn(inFlight + 1))
}

function wholeThousandLn(value: number): number {
  return Math.round(1000 * Math.log(value))
}
