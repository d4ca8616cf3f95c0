import type { Instance } from '@rollcall/core/adapter'
import { keys, keyWalk } from '../keys.js'
import { hashOf, mixed } from './hash.js'
import { maglevTable } from './maglev-table.js'
import { ketamaPointsOf, md5Point, pointsOf, type Points } from './points.js'

export function ring(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, ring: indexed(pointsOf(set)) }]])
  const key = keyWalk()
  return () => {
    const { set: list, ring } = services.get('orders')!
    return list[ownerOf(ring, hashOf(key()) >>> 0)]
  }
}

export function ketama(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, ring: indexed(ketamaPointsOf(set)) }]])
  const key = keyWalk()
  return () => {
    const { set: list, ring } = services.get('orders')!
    return list[ownerOf(ring, md5Point(key()))]
  }
}

/** A ring, and a look whether the owner has its fill. */
export function boundedRing(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, ring: indexed(pointsOf(set)), inFlight: 0 }]])
  const each = new Int32Array(set.length)
  const key = keyWalk()
  return () => {
    const { set: list, ring, inFlight } = services.get('orders')!
    const most = (1.25 * (inFlight + 1)) / list.length
    let owner = ownerOf(ring, hashOf(key()) >>> 0)
    while (each[owner]! >= most) owner = (owner + 1) % list.length
    return list[owner]
  }
}

export function maglev(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, table: maglevTable(set, 65_537) }]])
  const key = keyWalk()
  return () => {
    const { set: list, table } = services.get('orders')!
    return list[table[(hashOf(key()) >>> 0) % table.length]!]
  }
}

/** Everybody's hash with the key's, and the highest: nothing is kept but a hash each. */
export function rendezvous(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, hashes: Int32Array.from(set, ({ id }) => hashOf(id)) }]])
  const key = keyWalk()
  return () => {
    const { set: list, hashes } = services.get('orders')!
    const hash = hashOf(key())
    let [best, most] = [0, -(2 ** 31)]
    for (let i = 0; i < hashes.length; i++) {
      const score = mixed(hash ^ hashes[i]!)
      if (score >= most) {
        most = score
        best = i
      }
    }
    return list[best]
  }
}

/** Who served the key before, and when, so that it can be forgotten some day. */
export function sticky(set: readonly Instance[]): () => unknown {
  const homes = new Map(keys.map((key, i) => [key, { instance: set[i % set.length]!, usedAt: 0 }]))
  const services = new Map([['orders', homes]])
  const key = keyWalk()
  return () => {
    const home = services.get('orders')!.get(key())!
    home.usedAt = performance.now()
    return home.instance
  }
}

interface Ring extends Points {
  /** For the upper bits of a hash: the first point with them or more. */
  readonly first: Uint32Array
  readonly shift: number
}

/** About one point to each entry of the index. */
function indexed({ at, owner }: Points): Ring {
  const bits = Math.max(1, Math.ceil(Math.log2(at.length)))
  const shift = 32 - bits
  const first = new Uint32Array(2 ** bits)
  let point = 0
  for (let i = 0; i < first.length; i++) {
    while (point < at.length && at[point]! >>> shift < i) point++
    first[i] = point
  }
  return { at, owner, first, shift }
}

function ownerOf({ at, owner, first, shift }: Ring, hash: number): number {
  let i = first[hash >>> shift]!
  while (i < at.length && at[i]! < hash) i++
  return owner[i === at.length ? 0 : i]!
}
