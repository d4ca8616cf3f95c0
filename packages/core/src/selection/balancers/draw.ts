import { below, type Random } from '../../random.js'

/**
 * With `spot` a number in [0, n) and `first` its whole part, another integer in [0, n), never `first`: what is left of
 * the spot draws from the others, of which those above it move down. One draw of 32 bits does for both: among 10,000
 * the rest still has 400,000 steps.
 */
export function second(spot: number, first: number, n: number): number {
  const drawn = Math.floor((spot - first) * (n - 1))
  // As likely as not: a branch would be mispredicted half of the time, which takes longer than all the rest.
  return drawn + Number(drawn >= first)
}

/** Draws some of the places of an array, distinct ones, one draw for each. */
export class Lot {
  readonly #random: Random
  /** All places in some order. It need not be put back: any order is as good to draw from. */
  readonly #places: Uint32Array

  constructor(random: Random, n: number) {
    this.#random = random
    this.#places = new Uint32Array(n).map((_, i) => i)
  }

  /** The `nth` of a drawing, from 0: a step of Fisher and Yates' shuffle, which lays aside what was drawn before. */
  draw(nth: number): number {
    const from = nth + below(this.#random, this.#places.length - nth)
    const drawn = this.#places[from]!
    this.#places[from] = this.#places[nth]!
    this.#places[nth] = drawn
    return drawn
  }

  /** The first `count` of the last drawing. */
  drawn(count: number): Uint32Array {
    return this.#places.subarray(0, count)
  }
}
