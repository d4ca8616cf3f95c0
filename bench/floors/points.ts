import { hash } from 'node:crypto'
import type { Instance } from '@rollcall/core/adapter'
import { hashOf, mixed } from './hash.js'

export const pointsEach = 160

/** A ring in two typed arrays: 8 bytes per point. */
export interface Points {
  /** In ascending order. */
  readonly at: Uint32Array
  readonly owner: Uint32Array
}

export function pointsOf(set: readonly Instance[]): Points {
  const pairs = new Uint32Array(2 * set.length * pointsEach)
  let next = 0
  for (let owner = 0; owner < set.length; owner++) {
    const start = hashOf(set[owner]!.id)
    for (let i = 0; i < pointsEach; i++) {
      pairs[next++] = owner
      pairs[next++] = pointAt(start, i)
    }
  }
  return sorted(pairs)
}

/** As ketama makes them: each md5 gives four. */
export function ketamaPointsOf(set: readonly Instance[]): Points {
  const pairs = new Uint32Array(2 * set.length * pointsEach)
  let next = 0
  for (let owner = 0; owner < set.length; owner++) {
    for (let i = 0; i < pointsEach / 4; i++) {
      const digest = md5Of(`${set[owner]!.id}-${i}`)
      for (let at = 0; at < 16; at += 4) {
        pairs[next++] = owner
        pairs[next++] = word(digest, at)
      }
    }
  }
  return sorted(pairs)
}

export function md5Point(text: string): number {
  return word(md5Of(text), 0)
}

/** As text of one byte to a character: a Buffer costs more than the digest. */
function md5Of(text: string): string {
  return hash('md5', text, 'binary')
}

function word(digest: string, at: number): number {
  const [high, low] = [code(digest, at + 3), code(digest, at + 2)]
  return ((high << 24) | (low << 16) | (code(digest, at + 1) << 8) | code(digest, at)) >>> 0
}

const code = (digest: string, at: number): number => digest.charCodeAt(at)

/** A ring with one node more: the two merged, none sorted again. */
export function merged(points: Points, id: string, newcomer: number): Points {
  const more = hashedPoints(id).sort()
  const at = new Uint32Array(points.at.length + more.length)
  const owner = new Uint32Array(at.length)
  let from = 0
  more.forEach((point, i) => {
    const to = firstAtLeast(points.at, point, from)
    at.set(points.at.subarray(from, to), from + i)
    owner.set(points.owner.subarray(from, to), from + i)
    at[to + i] = point
    owner[to + i] = newcomer
    from = to
  })
  at.set(points.at.subarray(from), from + more.length)
  owner.set(points.owner.subarray(from), from + more.length)
  return { at, owner }
}

/** Owner and point by turns are, on a little-endian machine, integers of 64 bits: those a typed array sorts natively. */
function sorted(pairs: Uint32Array): Points {
  new BigUint64Array(pairs.buffer).sort()
  const at = new Uint32Array(pairs.length / 2)
  const owner = new Uint32Array(pairs.length / 2)
  for (let i = 0; i < at.length; i++) {
    owner[i] = pairs[2 * i]!
    at[i] = pairs[2 * i + 1]!
  }
  return { at, owner }
}

function hashedPoints(id: string): Uint32Array {
  const start = hashOf(id)
  return new Uint32Array(pointsEach).map((_, i) => pointAt(start, i))
}

const pointAt = (start: number, i: number): number => mixed((start + Math.imul(i, 0x9e3779b9)) | 0) >>> 0

function firstAtLeast(at: Uint32Array, point: number, from: number): number {
  let [low, high] = [from, at.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (at[middle]! < point) low = middle + 1
    else high = middle
  }
  return low
}
