import { hash32 } from './hash.js'

/** Who takes part, in an order that is the same in every process. */
export interface Entrants {
  readonly ids: readonly string[]
  /** None is 0. */
  readonly weights: Uint16Array
}

/** For each entry the place of its entrant: two bytes each while there are fewer than 65,535 of them. */
export type MaglevTable = Uint16Array | Uint32Array

// Keys are hashed with 0.
const offsetSeed = 1
const skipSeed = 2

/**
 * Fills a table of a prime size: in every round each entrant takes the next free entry in an order of its own
 * (Eisenbud and others: Maglev, NSDI 2016, 3.4). An entrant of the greatest weight has a turn in every round, the others
 * in proportion, by Envoy's rule: turn k, from 0, is in the first round r with r * weight >= k * greatest.
 *
 * Who is due is kept in a list for each round. Looking through all of them in every round, as is usual, takes 250 ms
 * where one of a thousand has nearly all the weight; this takes 2 to 4 whatever the weights.
 */
export function maglevTable({ ids, weights }: Entrants, size: number): MaglevTable {
  const table = new (ids.length < 0xffff ? Uint16Array : Uint32Array)(size).fill(-1)
  const offsets = Uint32Array.from(ids.map((id) => (hash32(id, offsetSeed) >>> 0) % size))
  const skips = Uint32Array.from(ids.map((id) => ((hash32(id, skipSeed) >>> 0) % (size - 1)) + 1))
  const greatest = weights.reduce((most, weight) => Math.max(most, weight), 0)
  const turns = new Uint32Array(ids.length)
  const due = new Rounds(size, ids.length)
  let taken = 0
  for (let round = 1; taken < size; round++) {
    for (let one = due.first(round); one >= 0 && taken < size; taken++) {
      const following = due.after(one)
      offsets[one] = take(table, offsets[one]!, skips[one]!, one)
      turns[one]!++
      due.add(Math.max(round + 1, Math.ceil((turns[one]! * greatest) / weights[one]!)), one)
      one = following
    }
  }
  return table
}

/** Takes the first free entry from `at` on by steps of `skip`, which in a table of prime size reach every one. */
function take(table: MaglevTable, at: number, skip: number, taker: number): number {
  const { length } = table
  const free = table.BYTES_PER_ELEMENT === 2 ? 0xffff : 0xffffffff
  while (table[at] !== free) {
    at += skip
    if (at >= length) at -= length
  }
  table[at] = taker
  return at
}

/** Those due in each round, first come first: everybody is in one round at a time. */
class Rounds {
  readonly #heads: Int32Array
  readonly #tails: Int32Array
  readonly #after: Int32Array

  /** Everybody is due in round 1. */
  constructor(last: number, entrants: number) {
    this.#heads = new Int32Array(last + 1).fill(-1)
    this.#tails = new Int32Array(last + 1)
    this.#after = new Int32Array(entrants)
    for (let one = 0; one < entrants; one++) this.add(1, one)
  }

  /** -1 when nobody is. */
  first(round: number): number {
    return this.#heads[round]!
  }

  /** -1 after the last. */
  after(one: number): number {
    return this.#after[one]!
  }

  /** A round beyond the last never comes: somebody takes an entry in each. */
  add(round: number, one: number): void {
    if (round >= this.#heads.length) return
    this.#after[one] = -1
    if (this.#heads[round]! < 0) this.#heads[round] = one
    else this.#after[this.#tails[round]!] = one
    this.#tails[round] = one
  }
}
