/**
 * A stretch of a ring of arcs: which arcs it touches, and how much of each. Lengths are whole numbers, so that nothing
 * is lost by rounding where one arc ends and the next begins.
 */
export class Slice {
  /** The touched arcs, by their places in the ring. */
  readonly members: Uint32Array
  /** How much of each is touched. */
  readonly widths: Float64Array
  readonly total: number
  /** Where each member begins, all laid end to end; and an end that no draw comes to. */
  readonly #starts: Float64Array
  /** Cut into equal parts, four for each member: the first member in each part. */
  readonly #guide: Uint32Array
  readonly #partsPerLength: number
  /** How much longer all others are together, by member. */
  readonly #scales: Float64Array

  /** From `start`, which lies within the ring, on for `width`, which is once round at most. */
  constructor(arcs: Float64Array, start: number, width: number) {
    const touched = overlaps(arcs, start, start + width)
    this.members = new Uint32Array(arcs.length)
      .map((_, place) => place)
      .filter((place) => touched[place]! > 0)
    this.widths = touched.filter((length) => length > 0)
    this.total = width
    this.#starts = startsOf(this.widths)
    this.#guide = guideOf(this.#starts, width)
    this.#partsPerLength = (4 * this.widths.length) / width
    this.#scales = this.widths.map((length) => (width - length) / length)
  }

  /**
   * The member at `x`, in [0, total), in constant time on average, whatever the widths: the guide says where to begin to
   * look (Chen and Asau's cut-points, 1974).
   */
  at(x: number): number {
    let i = this.#guide[Math.floor(x * this.#partsPerLength)]!
    while (this.#starts[i + 1]! <= x) i++
    return i
  }

  /**
   * Another member than `taken`, the one at `x`, each with a chance like its width: how far into `taken` x lies is as
   * good a draw as a second one. Of 32 bits, among 10,000 alike, that still has 400,000 steps. Rounding may, once in some
   * 2^50 draws, take the very edge of a member for its neighbour, and so give `taken` again.
   */
  beside(x: number, taken: number): number {
    const start = this.#starts[taken]!
    const y = (x - start) * this.#scales[taken]!
    // As likely as not: a branch would be mispredicted half of the time, which takes longer than all the rest.
    return this.at(y + this.widths[taken]! * Number(y >= start))
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

function startsOf(widths: Float64Array): Float64Array {
  const starts = new Float64Array(widths.length + 1).fill(Infinity)
  let sum = 0
  for (let i = 0; i < widths.length; i++) {
    starts[i] = sum
    sum += widths[i]!
  }
  return starts
}

/** One part more than there are: rounding may take a draw there. */
function guideOf(starts: Float64Array, total: number): Uint32Array {
  const parts = 4 * (starts.length - 1)
  let i = 0
  return new Uint32Array(parts + 1).map((_, part) => {
    while (starts[i + 1]! <= (part / parts) * total) i++
    return i
  })
}
