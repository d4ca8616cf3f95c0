import { badOption } from '../../options.js'
import { below, type Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { ChoiceReason, Chooser } from './chooser.js'
import { planOptions } from './plan-options.js'
import { Slice } from './slice.js'
import { weightsOf } from './weights.js'

export interface ApertureOptions {
  /** Which of the callers this one is, counted from 0. */
  readonly peer: number
  /** How many callers there are. */
  readonly peers: number
  /** How many endpoints a caller uses at least, if there are so many; 12 by default. */
  readonly least?: number
}

/** What `aperture` takes; `peer` and `peers` must be given. */
export const apertureOptions = {
  peer: {
    type: 'number',
    min: 0,
    max: 999_999,
    integer: true,
    about: 'which of the callers this one is, counted from 0',
  },
  peers: { type: 'number', min: 1, max: 1_000_000, integer: true, about: 'how many callers there are' },
  least: {
    type: 'number',
    default: 12,
    min: 1,
    max: 1_000_000,
    integer: true,
    about: 'how many endpoints a caller uses at least',
  },
} as const

/**
 * Lets each of many callers use a few of many endpoints, so that not everybody holds connections to everybody, and all
 * callers together still load the endpoints evenly, by their weights. Of the slice that falls to this caller two are
 * drawn and the less loaded is taken. Finagle's deterministic aperture.
 *
 * All callers must agree on `peers` and `least`, have a `peer` number each, and see the same endpoints in the same
 * order.
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function aperture(options: ApertureOptions): BalancerPlan {
  const { peer, peers, least } = planOptions(apertureOptions, options)
  if (peers === undefined) throw badOption('peers', 'is missing', 'say how many callers there are')
  if (peer === undefined) throw badOption('peer', 'is missing', `number the callers from 0 to ${peers - 1}`)
  if (peer >= peers) throw badOption('peer', `is ${peer}`, `of ${peers} peers the last is ${peers - 1}`)
  return { name: 'aperture', make: ({ random }) => lesserWithin(random, { peer, peers, least }) }
}

function lesserWithin(random: Random, options: Required<ApertureOptions>): Chooser {
  let known: readonly Endpoint[] = []
  let slice = new Slice(new Float64Array(0), 0, 0)
  return (candidates, _key, note) => {
    if (candidates !== known) {
      known = candidates
      slice = sliceOf(candidates, options)
    }
    const first = slice.at(below(random, slice.total))
    if (slice.members.length === 1) {
      note?.(reason('the only one of its slice', candidates, slice, [0]))
      return slice.members[0]!
    }
    const second = slice.atExcept(below(random, slice.total - slice.widths[first]!), first)
    note?.(
      reason(`the less loaded of 2 drawn from ${slice.members.length}`, candidates, slice, [first, second]),
    )
    return slice.members[isLess(candidates, slice, second, first) ? second : first]!
  }
}

/**
 * Fewer in flight for what its slice holds of it. Among idle ones the first drawn is taken, for its chances are exactly
 * its share; were the wider one taken, those at the slices' edges would get less than theirs.
 */
function isLess(candidates: readonly Endpoint[], slice: Slice, a: number, b: number): boolean {
  const calls = candidates[slice.members[a]!]!.inFlight
  const others = candidates[slice.members[b]!]!.inFlight
  return calls * slice.widths[b]! < others * slice.widths[a]!
}

/**
 * Each candidate is an arc as long as its weight, times the number of peers so that every slice begins at a whole
 * number. A slice must be a multiple of one peer's share of the ring: then each point lies in equally many slices, which
 * is what makes the load even. Wide enough for any `least` neighbours, it touches at least so many wherever it begins.
 */
function sliceOf(candidates: readonly Endpoint[], { peer, peers, least }: Required<ApertureOptions>): Slice {
  const weights = new Float64Array(weightsOf(candidates))
  const ring = weights.reduce((sum, weight) => sum + weight, 0)
  const steps = Math.min(peers, Math.ceil((widest(weights, least) * peers) / ring))
  const arcs = weights.map((weight) => weight * peers)
  return new Slice(arcs, peer * ring, steps * ring)
}

/** The most that `count` neighbours on the ring weigh together. */
function widest(weights: Float64Array, count: number): number {
  const { length } = weights
  if (count >= length) return weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[i]!
  let most = sum
  for (let i = 0; i < length; i++) {
    sum += weights[(i + count) % length]! - weights[i]!
    most = Math.max(most, sum)
  }
  return most
}

function reason(
  because: string,
  candidates: readonly Endpoint[],
  { members, widths }: Slice,
  places: readonly number[],
): ChoiceReason {
  const considered = places.map((place) => {
    const { inFlight, instance } = candidates[members[place]!]!
    return { id: instance.id, inFlight, width: widths[place]! }
  })
  return { balancer: 'aperture', because, considered }
}
