import type { Inherited } from './turns.js'

// Spreads the newcomers' savings as evenly as any sequence can, so that light ones don't all reach their turn at once.
const goldenRatio = 0.618_033_988_749_894_9

/**
 * Goes round its members. Each saves up his weight when he is come by; who has saved the largest weight among them
 * spends it and is chosen. So a member of the largest weight is chosen every time, one of half of it every other time.
 */
export class TurnRing {
  /** Says which ring it is, also to the rings of another array. */
  readonly rank: number
  /** The sum of the weights. */
  readonly total: number
  readonly #members: Uint32Array
  readonly #weights: Int32Array
  readonly #largest: number
  readonly #savings: Int32Array
  #at: number

  constructor(rank: number, members: Uint32Array, weights: ArrayLike<number>, from: Inherited) {
    this.rank = rank
    this.#members = members
    this.#weights = new Int32Array(members.length)
    for (let i = 0; i < members.length; i++) this.#weights[i] = weights[members[i]!]!
    this.total = this.#weights.reduce((sum, weight) => sum + weight, 0)
    this.#largest = this.#weights.reduce((most, weight) => Math.max(most, weight), 0)
    this.#savings = savingsOf(members, this.#largest, from)
    this.#at = placeOf(from.rings.get(rank)?.next ?? 0, members, from.former)
  }

  next(): number {
    for (;;) {
      const i = this.#at
      this.#at = i + 1 < this.#members.length ? i + 1 : 0
      const saved = this.#savings[i]! + this.#weights[i]!
      if (saved >= this.#largest) {
        this.#savings[i] = saved - this.#largest
        return this.#members[i]!
      }
      this.#savings[i] = saved
    }
  }

  /** The place of whoever is come by next. */
  get upcoming(): number {
    return this.#members[this.#at]!
  }

  /** Writes its members' lags to their places. */
  writeLags(lags: Float64Array): void {
    const [members, savings, largest] = [this.#members, this.#savings, this.#largest]
    for (let i = 0; i < members.length; i++) lags[members[i]!] = savings[i]! / largest - 0.5
  }
}

/** What each had, as a share of the largest weight: of that a lag is the difference to one half, the average. */
function savingsOf(members: Uint32Array, largest: number, { former, lags }: Inherited): Int32Array {
  const savings = new Int32Array(members.length)
  for (let i = 0; i < members.length; i++) {
    const place = members[i]!
    const share = former[place]! < 0 ? (i * goldenRatio) % 1 : lags[place]! + 0.5
    savings[i] = Math.min(largest - 1, Math.max(0, Math.floor(share * largest)))
  }
  return savings
}

/** Which member was at the place `next` before, or behind it; the first if nobody was. */
function placeOf(next: number, members: Uint32Array, former: Int32Array): number {
  for (let i = 0; i < members.length; i++) if (former[members[i]!]! >= next) return i
  return 0
}
