import type { BalancerPlan } from '@rollcall/core'
import { maglev, rendezvous, ring } from '@rollcall/core/balancers'
import { xorshift32 } from '@rollcall/core/adapter'
import { candidatesOf, chooserOf } from './chooser.js'
import { instances } from './instances.js'
import { keyAt } from './keys.js'
import { hashringOf } from './peers/hashring.js'
import { sharding } from './peers/moleculer.js'

export interface MovedInput {
  readonly what: MovedWay
  readonly size: number
  readonly keys: number
  /** So many leave, one at a time, each from the whole set. */
  readonly leavers: number
}

export interface MovedOutput {
  /** How many times the mean the fullest has. */
  readonly fullest: number
  /** What share of the keys moves when one leaves, as multiples of 1/N. */
  readonly moved: number
  /** What share of the keys moves although its owner stays. */
  readonly needless: number
}

export type MovedWay = keyof typeof ways

type OwnerOf = (key: string) => number

/** Who owns each of so many keys, before and after one of the owners leaves. No clock: the same in every run. */
export async function run({ what, size, keys, leavers }: MovedInput): Promise<MovedOutput> {
  const make = ways[what](size)
  const all = Array.from({ length: keys }, (_, i) => keyAt(i))
  const before = all.map(await make(undefined))
  let [moved, needless] = [0, 0]
  for (let i = 0; i < leavers; i++) {
    const leaver = Math.floor((i * size) / leavers)
    const after = all.map(await make(leaver))
    before.forEach((owner, key) => {
      if (owner === after[key]) return
      moved++
      if (owner !== leaver) needless++
    })
  }
  const every = keys * leavers
  return { fullest: fullest(before, size), moved: (moved * size) / every, needless: needless / every }
}

function fullest(owners: readonly number[], size: number): number {
  const counts = new Uint32Array(size)
  for (const owner of owners) counts[owner]!++
  return (Math.max(...counts) * size) / owners.length
}

/** Of a set in which one may be missing: whose a key is, by his place in the whole set. */
const ways = {
  ring: (size) => choosing(ring(), size),
  ketama: (size) => choosing(ring({ ketama: true }), size),
  maglev: (size) => choosing(maglev(), size),
  rendezvous: (size) => choosing(rendezvous(), size),
  /** No keys moved, and spread as evenly as chance does it. */
  chance: (size) => () => {
    const random = xorshift32(1)
    return () => Math.floor(((random() >>> 0) / 2 ** 32) * size)
  },
  hashring: (size) => async (leaver) => {
    const set = instances(size)
    const places = new Map(set.map(({ id }, i) => [id, i]))
    const peer = await hashringOf(set.filter((_, i) => i !== leaver))
    return (key) => places.get(peer.get(key))!
  },
  shard: (size) => async (leaver) => {
    const set = instances(size)
    const places = new Map(set.map(({ id }, i) => [id, i]))
    const ownerOf = await sharding(set.filter((_, i) => i !== leaver))
    return (key) => places.get(ownerOf(key))!
  },
} satisfies Record<string, (size: number) => (leaver: number | undefined) => OwnerOf | Promise<OwnerOf>>

/** One chooser throughout, as in a view: whatever it keeps from one set to the next is part of the answer. */
function choosing(plan: BalancerPlan, size: number): (leaver: number | undefined) => OwnerOf {
  const choose = chooserOf(plan)
  const whole = candidatesOf(size)
  return (leaver) => {
    if (leaver === undefined) return (key) => choose(whole, key)
    const others = whole.toSpliced(leaver, 1)
    return (key) => {
      const place = choose(others, key)
      return place < leaver ? place : place + 1
    }
  }
}
