import type { Endpoint } from '../endpoint.js'
import { nextKey } from '../key.js'
import type { Balancer, BalancerName, BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools, Note } from './chooser.js'
import { hash32, mix32 } from './hash.js'
import { planOf } from './plan-of.js'
import { settingsOf } from '../../settings.js'
import { weightsOf } from './weights.js'

export interface BoundedLoadOptions {
  /**
   * How many times its fair share of the calls under way an endpoint may have; 1.25 by default, at least 1. Nearer to 1
   * spreads the load better and keeps less together.
   */
  factor?: number
}

/** What `boundedLoad` takes; documentation and checks are made of it. */
export const boundedLoadOptions = {
  factor: {
    type: 'number',
    default: 1.25,
    min: 1,
    max: 1000,
    about: 'how many times its fair share of the calls under way an endpoint may have',
  },
} as const

/** How often another home is sought for a key before all who have room are looked at. */
const jumps = 8

// Keys and ids are hashed with 0 to 2 elsewhere: who is jumped to must not depend on who was full.
const roomSeed = 3

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018) around any plan, most usefully one by
 * key: nobody gets a call beyond `factor` times its share, by weight, of the calls under way and this one, rounded up.
 * When the inner plan's choice is full it is asked again with another key made of this one; so an endpoint's overflow
 * goes to all others alike and not to its neighbour (random jumps; Chen, Coleman and Shrivastava, 2021). After eight such
 * jumps the call goes to one of those with room, by rendezvous. Keys overflow the same way while loads are the same.
 *
 * What is under way is counted by this process, for calls made by `acquire` or `call`; `pick` counts nothing, and where
 * nothing is counted nothing is bounded. A jump costs one more choice and a short text; looking at all about 2 ns each.
 *
 * There is always one with room: were all full, the calls under way would be the sum of all caps at least, which is
 * `factor` times one more than the calls under way. With a factor of 1 that still holds, though hardly any key stays.
 *
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function boundedLoad(
  inner: BalancerName | Balancer | BalancerPlan,
  options: BoundedLoadOptions = {},
): BalancerPlan {
  const { factor } = settingsOf('boundedLoad', boundedLoadOptions, options)
  const plan = planOf(inner, 'boundedLoad.inner')
  const { decayMs } = plan
  return {
    name: 'bounded-load',
    ...(decayMs !== undefined && { decayMs }),
    make: (tools) => new BoundedLoad(plan.make(tools), factor, tools).choose,
  }
}

class BoundedLoad {
  readonly #inner: Chooser
  readonly #factor: number
  readonly #tools: ChooserTools
  #candidates: readonly Endpoint[] = []
  /** By place: the share of all weights. */
  #shares = new Float64Array(0)
  /** By place; made when somebody is looked for among all for the first time. */
  #hashes: Int32Array | undefined

  constructor(inner: Chooser, factor: number, tools: ChooserTools) {
    this.#inner = inner
    this.#factor = factor
    this.#tools = tools
  }

  readonly choose: Chooser = (candidates, key, note) => {
    if (candidates !== this.#candidates) this.#meet(candidates)
    const first = this.#inner(candidates, key, note)
    const place = this.#hasRoom(first) ? first : this.#jump(first, key, note)
    if (note) this.#explain(first, place, note)
    return place
  }

  #meet(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates
    this.#hashes = undefined
    const weights = weightsOf(candidates)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    this.#shares = new Float64Array(weights).map((weight) => weight / total)
  }

  /**
   * Whoever has nothing to do has room for one call, since caps are rounded up: there the share need not be read. A place
   * that is none passes: whoever asked for a choice says what is wrong with it.
   */
  #hasRoom(place: number): boolean {
    const inFlight = this.#candidates[place]?.inFlight ?? 0
    return inFlight === 0 || inFlight < this.#capOf(place)
  }

  #capOf(place: number): number {
    const allowed = this.#factor * (this.#tools.inFlight() + 1)
    // 1.1 * 17 * (10 / 17) is a little more than 11. What is taken off comes to less than one call for all together.
    return Math.ceil(allowed * this.#shares[place]! - 1e-9)
  }

  #jump(first: number, key: string | undefined, note: Note | undefined): number {
    for (let jump = 1; jump <= jumps; jump++) {
      const place = this.#inner(this.#candidates, key === undefined ? key : nextKey(key, jump), note)
      if (this.#hasRoom(place)) return place
    }
    const hash = key === undefined ? this.#tools.random() : hash32(key, roomSeed)
    // Nobody has room only if the calls under way are counted wrong; then the first choice is as good as any.
    return this.#anyWithRoom(hash) ?? first
  }

  /** The best by rendezvous of those with room. */
  #anyWithRoom(hash: number): number | undefined {
    this.#hashes ??= Int32Array.from(this.#candidates.map(({ instance }) => hash32(instance.id, roomSeed)))
    let best: number | undefined
    let most = -1
    for (let place = 0; place < this.#hashes.length; place++) {
      const lot = mix32(hash ^ this.#hashes[place]!) >>> 0
      if (lot <= most || !this.#hasRoom(place)) continue
      most = lot
      best = place
    }
    return best
  }

  #explain(first: number, place: number, note: Note): void {
    const because = first === place ? 'the choice has room' : 'the first choice is full, this one has room'
    const considered = [...new Set([first, place])].flatMap((i) => {
      const endpoint = this.#candidates[i]
      return endpoint ? [{ id: endpoint.instance.id, inFlight: endpoint.inFlight, most: this.#capOf(i) }] : []
    })
    note({ balancer: 'bounded-load', because, considered })
  }
}
