/**
 * A stretch of a ring of arcs: which arcs it touches, and how much of each. Lengths are whole numbers, so that nothing
 * is lost by rounding: two draws are then surely of two arcs.
 */
export class Slice {
  /** The touched arcs, by their places in the ring. */
  readonly members: Uint32Array
  /** How much of each is touched. */
  readonly widths: Float64Array
  readonly total: number
  /** Where each member ends, all laid end to end. */
  readonly #ends: Float64Array
  /** Cut into equal parts, four for each member: in which member, or the one before, each part begins. */
  readonly #guide: Uint32Array
  readonly #partsPerLength: number

  /** From `start`, which lies within the ring, on for `width`, which is once round at most. */
  constructor(arcs: Float64Array, start: number, width: number) {
    const touched = overlaps(arcs, start, start + width)
    this.members = new Uint32Array(arcs.length)
      .map((_, place) => place)
      .filter((place) => touched[place]! > 0)
    this.widths = touched.filter((length) => length > 0)
    this.total = width
    this.#ends = runningSum(this.widths)
    this.#guide = guideOf(this.#ends, width)
    this.#partsPerLength = this.#guide.length / width
  }

  /**
   * The member at `x`, a whole number in [0, total), in constant time on average, whatever the widths: the guide says
   * where to begin to look (Chen and Asau's cut-points, 1974).
   */
  at(x: number): number {
    let i = this.#guide[Math.floor(x * this.#partsPerLength)]!
    while (this.#ends[i]! <= x) i++
    return i
  }

  /** The member at `x`, a whole number in [0, total - widths[taken]), as if `taken` were not there. */
  atExcept(x: number, taken: number): number {
    const width = this.widths[taken]!
    return this.at(x < this.#ends[taken]! - width ? x : x + width)
  }
}

function overlaps(arcs: Float64Array, start: number, end: number): Float64Array {
  const round = arcs.reduce((sum, arc) => sum + arc, 0)
  const overlap = (from: number, to: number): number => Math.max(0, Math.min(to, end) - Math.max(from, start))
  let from = 0
  return arcs.map((arc) => {
    const to = from + arc
    const length = overlap(from, to) + overlap(from + round, to + round)
    from = to
    return length
  })
}

function runningSum(widths: Float64Array): Float64Array {
  let sum = 0
  return widths.map((width) => (sum += width))
}

function guideOf(ends: Float64Array, total: number): Uint32Array {
  const parts = ends.length * 4
  let i = 0
  return new Uint32Array(parts).map((_, part) => {
    // Rounding may take the last of one part for the next one's first: hence a step back.
    while (ends[i]! <= (part / parts) * total - 1) i++
    return i
  })
}
