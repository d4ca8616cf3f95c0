import type { Instance } from '../../instance.js'
import type { Endpoint } from '../endpoint.js'
import { PointTable } from './point-table.js'

/** How the points of an instance are made. */
export interface PointScheme {
  /** What an instance's points are made of: they stay where they are as long as this is the same. */
  seedOf(instance: Instance): string
  /** How many points each candidate has, by place. */
  counts(candidates: readonly Endpoint[]): Uint32Array
  /** Fills `points` with the first ones of a seed: more of them begin with the same ones. */
  place(seed: string, points: Int32Array): void
  /** Who comes first where two have a point in common, negative for `a`: the same in every process. */
  compare(a: Instance, b: Instance): number
}

interface Member {
  instance: Instance
  readonly seed: string
  readonly count: number
  /** What its points bear as their owner: unlike a place it stays the same when others leave. */
  slot: number
  /** The number of the last update that it was a candidate in. */
  seen: number
}

// Beyond this share of all points, making all of them anew costs less than moving memory for each changed member.
const editShare = 1 / 32

/** A ring of the candidates' points. Whoever leaves takes its own points with it, and all others stay where they are. */
export class HashRing {
  readonly #scheme: PointScheme
  readonly #table: PointTable
  readonly #members = new Map<string, Member>()
  /** By slot. */
  #holders: Member[] = []
  #freeSlots: number[] = []
  /** By slot: the place among the candidates. */
  #places = new Uint32Array(0)
  #updates = 0
  /** How many members the last update has met. */
  #met = 0

  constructor(scheme: PointScheme) {
    this.#scheme = scheme
    this.#table = new PointTable((a, b) =>
      scheme.compare(this.#holders[a]!.instance, this.#holders[b]!.instance),
    )
  }

  get size(): number {
    return this.#table.length
  }

  get bytes(): number {
    return this.#table.bytes
  }

  /** The place of the candidate that owns the first point at `hash` or after it. */
  placeOf(hash: number): number {
    return this.#places[this.#table.ownerAt(hash)]!
  }

  pointAt(hash: number): number {
    return this.#table.pointAt(hash)
  }

  /** Takes in who the candidates are now. */
  update(candidates: readonly Endpoint[]): void {
    this.#updates++
    this.#met = 0
    const counts = this.#scheme.counts(candidates)
    const joined: Member[] = []
    const left: Member[] = []
    for (let i = 0; i < counts.length; i++) this.#meet(candidates[i]!.instance, counts[i]!, joined, left)
    if (this.#members.size > this.#met) this.#missUnseen(left)
    if (pointsOf(left) + pointsOf(joined) > this.#table.length * editShare) this.#rebuild()
    else this.#edit(left, joined)
    this.#locate(candidates)
  }

  #meet(instance: Instance, count: number, joined: Member[], left: Member[]): void {
    const known = this.#members.get(instance.id)
    // Ids are unique; were one there twice all the same, the first would count.
    if (known?.seen === this.#updates) return
    this.#met++
    const seed = this.#scheme.seedOf(instance)
    if (known?.seed === seed && known.count === count) {
      known.instance = instance
      known.seen = this.#updates
      return
    }
    if (known) left.push(known)
    const member = { instance, seed, count, slot: -1, seen: this.#updates }
    this.#members.set(instance.id, member)
    joined.push(member)
  }

  #missUnseen(left: Member[]): void {
    for (const [id, member] of this.#members) {
      if (member.seen === this.#updates) continue
      left.push(member)
      this.#members.delete(id)
    }
  }

  #rebuild(): void {
    this.#holders = [...this.#members.values()]
    this.#freeSlots = []
    const at = new Int32Array(pointsOf(this.#holders))
    const owners = new Uint32Array(at.length)
    let from = 0
    this.#holders.forEach((member, slot) => {
      const end = from + member.count
      member.slot = slot
      this.#scheme.place(member.seed, at.subarray(from, end))
      owners.fill(slot, from, end)
      from = end
    })
    this.#table.replace({ at, owners })
  }

  #edit(left: readonly Member[], joined: readonly Member[]): void {
    for (const member of left) {
      this.#table.remove(this.#sortedPoints(member), member.slot)
      this.#freeSlots.push(member.slot)
    }
    for (const member of joined) {
      member.slot = this.#freeSlots.pop() ?? this.#holders.length
      this.#holders[member.slot] = member
      this.#table.add(this.#sortedPoints(member), member.slot)
    }
  }

  #sortedPoints({ seed, count }: Member): Int32Array {
    const points = new Int32Array(count)
    this.#scheme.place(seed, points)
    return points.sort()
  }

  #locate(candidates: readonly Endpoint[]): void {
    if (this.#places.length < this.#holders.length) this.#places = new Uint32Array(this.#holders.length)
    for (let i = 0; i < candidates.length; i++)
      this.#places[this.#members.get(candidates[i]!.instance.id)!.slot] = i
  }
}

function pointsOf(members: readonly Member[]): number {
  return members.reduce((sum, { count }) => sum + count, 0)
}
