import { badOption } from '../../options.js'
import { fraction, type Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { ChoiceReason, Chooser, Note } from './chooser.js'
import { required, settingsOf } from '../../settings.js'
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
  const given = settingsOf('aperture', apertureOptions, options)
  const peers = required('aperture.peers', given.peers, 'say how many callers there are')
  const last = peers - 1
  const peer = required('aperture.peer', given.peer, `number the callers from 0 to ${last}`)
  if (peer > last) throw badOption('aperture.peer', `is ${peer}`, `of ${peers} peers the last is ${last}`)
  const { least } = given
  return { name: 'aperture', make: ({ random }) => lesserWithin(random, { peer, peers, least }) }
}

function lesserWithin(random: Random, options: Required<ApertureOptions>): Chooser {
  let known: readonly Endpoint[] = []
  let some: Aperture | undefined
  return (candidates, _key, note) => {
    if (candidates !== known) {
      known = candidates
      some = new Aperture(candidates, options)
    }
    return some!.draw(random, note)
  }
}

/** The endpoints that one caller uses, and how much of each. */
class Aperture {
  readonly #slice: Slice
  readonly #members: readonly Endpoint[]

  constructor(candidates: readonly Endpoint[], options: Required<ApertureOptions>) {
    this.#slice = sliceOf(candidates, options)
    this.#members = Array.from(this.#slice.members, (place) => candidates[place]!)
  }

  /** The place of the less loaded of two. */
  draw(random: Random, note: Note | undefined): number {
    const slice = this.#slice
    const x = fraction(random) * slice.total
    const first = slice.at(x)
    if (this.#members.length === 1) {
      note?.(this.#reason('the only one of its slice', first))
      return slice.members[first]!
    }
    const other = slice.beside(x, first)
    note?.(this.#reason(`the less loaded of 2 drawn from ${this.#members.length}`, first, other))
    return slice.members[this.#isLess(other, first) ? other : first]!
  }

  /**
   * Fewer in flight for what the slice holds of it. Among idle ones the first drawn is taken, for its chances are
   * exactly its share; were the wider one taken, those at the slices' edges would get less than theirs.
   */
  #isLess(a: number, b: number): boolean {
    const { widths } = this.#slice
    return this.#members[a]!.inFlight * widths[b]! < this.#members[b]!.inFlight * widths[a]!
  }

  #reason(because: string, ...drawn: readonly number[]): ChoiceReason {
    const considered = drawn.map((i) => {
      const { inFlight, instance } = this.#members[i]!
      return { id: instance.id, inFlight, width: this.#slice.widths[i]! }
    })
    return { balancer: 'aperture', because, considered }
  }
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
