import { fraction, fractionOf, type Random } from '../random.js'
import { badBalancer } from './balancers/guarded.js'
import { hash32 } from './balancers/hash.js'
import type { Endpoint } from './endpoint.js'
import type { Group } from './group.js'
import { nextKey } from './key.js'

/** What a pick is to heed. */
export interface Wish {
  /** Endpoints to avoid while there are others. */
  readonly tried?: ReadonlySet<Endpoint> | undefined
  /** What is to be kept together. */
  readonly key?: string | undefined
}

/** Keys are spread over groups with this, and with another seed over the endpoints in one. */
const groupSeed = 0x6f1d

/** Finds a group, and somebody else where the balancer's choice can't be had. */
export class Finder {
  readonly #balancer: string
  readonly #random: Random
  readonly #maxInFlight: number

  constructor(balancer: string, random: Random, maxInFlight: number) {
    this.#balancer = balancer
    this.#random = random
    this.#maxInFlight = maxInFlight
  }

  /** A group by the shares; the same one for the same key while the shares stay. */
  draw(groups: readonly Group[], key: string | undefined): Group {
    if (groups.length === 1) return groups[0]!
    let left = key === undefined ? fraction(this.#random) : fractionOf(hash32(key, groupSeed))
    for (const group of groups) {
      left -= group.share
      if (left < 0) return group
    }
    // The shares make 1 but for the dust of floating point.
    return groups.at(-1)!
  }

  /** Throws BAD_BALANCER for a place that is none, which a plan of the user's may choose. */
  at(place: number, { list }: Group): Endpoint {
    const endpoint = list[place]
    if (endpoint) return endpoint
    throw badBalancer(`${this.#balancer} chose place ${place} of ${list.length} candidates`)
  }

  hasRoom({ inFlight }: Endpoint): boolean {
    return inFlight < this.#maxInFlight
  }

  /**
   * The choice at `place`, unless it was tried already or has as many calls as it may have: then the balancer is asked
   * again, and at last anybody else is taken, of the group and then of the other groups. Handing the balancer a shorter
   * array instead would make it build its tables twice for every retry. Undefined when nobody has room.
   */
  find(groups: readonly Group[], group: Group, place: number, { tried, key }: Wish): Endpoint | undefined {
    const first = this.at(place, group)
    if (this.#isFree(first, tried)) return first
    const turns = Math.min(group.list.length, 2 + (tried?.size ?? 0))
    for (let turn = 1; turn <= turns; turn++) {
      const again = group.choose(group.list, key === undefined ? key : nextKey(key, turn))
      const other = this.at(again, group)
      if (this.#isFree(other, tried)) return other
    }
    return this.#anybody(groups, group, tried) ?? (this.hasRoom(first) ? first : this.#anybody(groups, group))
  }

  /** Somebody free of the group, beginning at a random place, else of the other groups in their order. */
  #anybody(groups: readonly Group[], first: Group, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    for (const { list } of [first, ...groups.filter((group) => group !== first)]) {
      const start = Math.floor(fraction(this.#random) * list.length)
      for (let i = 0; i < list.length; i++) {
        const endpoint = list[(start + i) % list.length]!
        if (this.#isFree(endpoint, tried)) return endpoint
      }
    }
    return undefined
  }

  #isFree(endpoint: Endpoint, tried: ReadonlySet<Endpoint> | undefined): boolean {
    return this.hasRoom(endpoint) && !tried?.has(endpoint)
  }
}
