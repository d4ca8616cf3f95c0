import { sortPoints, type OwnedPoints } from './point-sort.js'

const blockBits = 6
const blockSize = 2 ** blockBits

/** Says which of two owners comes first where they have a point in common: negative for the first of them. */
export type CompareOwners = (a: number, b: number) => number

/**
 * Points on a circle of 2^32 and who owns them: sorted, so that a hash finds the next point, and edited in place, so that
 * a change costs a few moves of memory. An index by the points' upper bits leads to within one or two points of any hash.
 * Takes 10 to 12 bytes per point: 4 for it, 4 for its owner, 2 to 4 for the index, and a thirty-second to spare.
 *
 * Points are signed integers; their order is the unsigned one turned by half a circle, which on a circle is the same.
 */
export class PointTable {
  readonly #compare: CompareOwners
  #length = 0
  /** One more than the points, the last a sentinel, which ends every search and leads round to the first. */
  #at: Int32Array = new Int32Array(1)
  #owners: Uint32Array = new Uint32Array(1)
  /** For the upper bits of a point: the place of the first point with them or more, less its block's base. */
  #offsets: Uint32Array = new Uint32Array(2)
  /** For each block of the index: what all its entries have in common, so that a change need not touch every entry. */
  #bases: Uint32Array = new Uint32Array(1)
  #shift = 31

  constructor(compare: CompareOwners) {
    this.#compare = compare
    this.#close()
  }

  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return this.#at.byteLength + this.#owners.byteLength + this.#offsets.byteLength + this.#bases.byteLength
  }

  /** The owner of the first point at `hash` or after it. The table must not be empty. */
  ownerAt(hash: number): number {
    return this.#owners[this.#find(hash)]!
  }

  /** The first point at `hash` or after it. */
  pointAt(hash: number): number {
    const place = this.#find(hash)
    return this.#at[place === this.#length ? 0 : place]!
  }

  /** Takes over points in any order, for all that were there; the arrays are used up. */
  replace(points: OwnedPoints): void {
    this.#length = points.at.length
    this.#make(this.#length)
    sortPoints(points, { at: this.#at, owners: this.#owners }, this.#length)
    this.#settleTies()
    this.#index()
  }

  /** Adds one owner's points, which are in ascending order. */
  add(points: Int32Array, owner: number): void {
    const places = points.map((point) => this.#placeFor(point, owner))
    this.#reserve(this.#length + points.length)
    let end = this.#length
    for (let i = points.length - 1; i >= 0; i--) {
      const place = places[i]!
      this.#move(place + i + 1, place, end)
      this.#at[place + i] = points[i]!
      this.#owners[place + i] = owner
      end = place
    }
    this.#length += points.length
    this.#reindex(points, 1)
  }

  /** Takes out one owner's points, which are in ascending order and all there. */
  remove(points: Int32Array, owner: number): void {
    let last = -1
    const places = points.map((point) => (last = this.#placeOf(point, owner, last + 1)))
    for (let i = 0; i < places.length; i++)
      this.#move(places[i]! - i, places[i]! + 1, places[i + 1] ?? this.#length)
    this.#length -= points.length
    this.#reindex(points, -1)
  }

  #find(hash: number): number {
    const at = this.#at
    const bucket = (hash ^ 0x80000000) >>> this.#shift
    let place = this.#bases[bucket >>> blockBits]! + this.#offsets[bucket]!
    while (at[place]! < hash) place++
    return place
  }

  /** Where an owner's new point belongs: before the points after it, and among equals where `compare` says. */
  #placeFor(point: number, owner: number): number {
    let place = this.#find(point)
    while (this.#isPoint(place, point) && this.#compare(this.#owners[place]!, owner) < 0) place++
    return place
  }

  #placeOf(point: number, owner: number, from: number): number {
    let place = Math.max(from, this.#find(point))
    while (this.#owners[place] !== owner) place++
    return place
  }

  #isPoint(place: number, point: number): boolean {
    return place < this.#length && this.#at[place] === point
  }

  #move(to: number, from: number, end: number): void {
    this.#at.copyWithin(to, from, end)
    this.#owners.copyWithin(to, from, end)
  }

  #reserve(length: number): void {
    if (length < this.#at.length) return
    const [at, owners] = [this.#at, this.#owners]
    this.#make(length)
    this.#at.set(at)
    this.#owners.set(owners)
  }

  #make(length: number): void {
    const size = length + (length >>> 5) + 1
    this.#at = new Int32Array(size)
    this.#owners = new Uint32Array(size)
  }

  /** 160,000 points have about three pairs of equals: they are looked for once, and then ordered by insertion. */
  #settleTies(): void {
    const [at, owners] = [this.#at, this.#owners]
    for (let i = 1; i < this.#length; i++)
      for (let j = i; j > 0 && at[j] === at[j - 1] && this.#compare(owners[j - 1]!, owners[j]!) > 0; j--)
        [owners[j - 1], owners[j]] = [owners[j]!, owners[j - 1]!]
  }

  #index(): void {
    this.#close()
    this.#shift = shiftFor(this.#length)
    this.#offsets = new Uint32Array(2 ** (32 - this.#shift))
    this.#bases = new Uint32Array(Math.ceil(this.#offsets.length / blockSize))
    const [at, offsets, shift] = [this.#at, this.#offsets, this.#shift]
    let bucket = 0
    for (let place = 0; place < this.#length; place++) {
      const own = (at[place]! ^ 0x80000000) >>> shift
      while (bucket <= own) offsets[bucket++] = place
    }
    offsets.fill(this.#length, bucket)
    for (let block = 0; block < this.#bases.length; block++) this.#bases[block] = offsets[block * blockSize]!
    for (let i = 0; i < offsets.length; i++) offsets[i]! -= this.#bases[i >>> blockBits]!
  }

  /**
   * The index after `points` have been added (`step` 1) or taken out (-1): all later starts move by one for each, those in
   * the same block by their offsets, the others by their block's base.
   */
  #reindex(points: Int32Array, step: number): void {
    if (this.#shift !== shiftFor(this.#length)) return this.#index()
    this.#close()
    const [offsets, bases] = [this.#offsets, this.#bases]
    let block = 0
    for (let i = 0; i < points.length; i++) {
      const own = (points[i]! ^ 0x80000000) >>> this.#shift
      const end = Math.min(((own >>> blockBits) + 1) << blockBits, offsets.length)
      for (let bucket = own + 1; bucket < end; bucket++) offsets[bucket]! += step
      for (; block <= own >>> blockBits; block++) bases[block]! += i * step
    }
    for (; block < bases.length; block++) bases[block]! += points.length * step
  }

  #close(): void {
    this.#at[this.#length] = 0x7fffffff
    this.#owners[this.#length] = this.#owners[0]!
  }
}

/** One or two points to each entry of the index. */
function shiftFor(length: number): number {
  return 32 - Math.max(1, Math.floor(Math.log2(length * 0.9)))
}
