/**
 * Draws an index in proportion to weights in constant time, whatever their number. Walker's alias method (1977), built
 * in linear time as Vose did (1991): each of n columns of equal width holds one index up to its threshold and another
 * one above.
 */
export class AliasTable {
  readonly #threshold: Float64Array
  readonly #alias: Uint32Array

  /** Weights must not be negative. When all are 0, all are equal. */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length
    this.#threshold = scaled(weights)
    this.#alias = new Uint32Array(n)
    const small: number[] = []
    const large: number[] = []
    for (let i = 0; i < n; i++) (this.#threshold[i]! < 1 ? small : large).push(i)
    while (small.length > 0 && large.length > 0) this.#fill(small.pop()!, large, small)
    // What is left over differs from 1 only by rounding.
    for (const i of [...small, ...large]) this.#threshold[i] = 1
  }

  /**
   * The index that `u`, in [0, 1), falls on: its whole part in columns, its fraction against the threshold. With 32
   * random bits and 10,000 columns the fraction still has 400,000 steps.
   */
  at(u: number): number {
    const place = u * this.#alias.length
    const column = Math.floor(place)
    return place - column < this.#threshold[column]! ? column : this.#alias[column]!
  }

  /** Tops the small one's column up with the last of the large ones, which may become small by that. */
  #fill(i: number, large: number[], small: number[]): void {
    const donor = large.at(-1)!
    this.#alias[i] = donor
    this.#threshold[donor]! -= 1 - this.#threshold[i]!
    if (this.#threshold[donor]! < 1) small.push(large.pop()!)
  }
}

/** The weights, as multiples of their mean. */
function scaled(weights: ArrayLike<number>): Float64Array {
  // Plain loops: `from` and `map` with a function take ten times as long, and this is done at every change.
  const shares = new Float64Array(weights)
  let total = 0
  for (let i = 0; i < shares.length; i++) total += shares[i]!
  if (total === 0) return shares.fill(1)
  for (let i = 0; i < shares.length; i++) shares[i] = (shares[i]! * shares.length) / total
  return shares
}
