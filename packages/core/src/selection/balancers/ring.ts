import { badOption } from '../../options.js'
import { below } from '../../random.js'
import type { BalancerPlan } from './balancer.js'
import type { ChoiceReason, Chooser, ChooserTools } from './chooser.js'
import { hash32 } from './hash.js'
import { HashRing, type PointScheme } from './hash-ring.js'
import { idPoints } from './id-points.js'
import { ketamaHash, ketamaPoints } from './ketama-points.js'
import { settingsOf } from '../../settings.js'

export interface RingOptions {
  /**
   * Points of a candidate of mean weight, 160 by default; others have more or fewer in proportion. More points spread
   * the keys more evenly: the busiest of many gets about 1 + 3 / sqrt(points) times its share.
   */
  pointsPerWeight?: number
  /** Places points and keys as other ketama clients do, false by default: see `ring`. */
  ketama?: boolean
}

/** What `ring` takes; documentation and checks are made of it. */
export const ringOptions = {
  pointsPerWeight: {
    type: 'number',
    default: 160,
    min: 1,
    max: 65_536,
    integer: true,
    about: 'points of a candidate of mean weight',
  },
  ketama: { type: 'boolean', default: false, about: 'points and keys as other ketama clients place them' },
} as const

/**
 * Consistent hashing (Karger and others, 1997): candidates have points on a circle, and a key goes to the owner of the
 * next one. Whoever leaves gives up its own keys and nobody else's; whoever joins takes only what becomes its own. The
 * same keys go to the same instances in every process, whatever the order of the candidates. Without a key it chooses at
 * random, whatever the weights.
 *
 * Points are made of the instance's id, so that one that is restarted, even elsewhere, keeps its keys if it keeps its id.
 * They are in proportion to the weights: a candidate of mean weight has `pointsPerWeight`, whatever the unit that weights
 * are given in, and everybody has one at least. The mean is taken in steps of 19 %, so that it hardly ever changes when
 * one joins or leaves; where weights differ and it does pass a step, about one key in six moves besides those that must.
 * All together have at most 8 million points.
 *
 * `ketama: true` shares keys with memcached's clients. Of its variants it is libmemcached's `KETAMA_WEIGHTED`, as in
 * pylibmc (`ketama_weighted`), PHP's memcached (`OPT_LIBKETAMA_COMPATIBLE`) and twemproxy: four points of each MD5 of
 * `host:port-i`, or `host-i` for port 11211; floor(40 n share) MD5s each, in single precision; a key's hash is the first
 * four bytes of its MD5 in UTF-8, little endian. libketama itself keeps the port 11211, and spymemcached hashes
 * `hostname/ip:port-i`; those agree only where that comes to the same. Instances are known by their address then, not by
 * their id. When weights differ, the others' points change with everyone who joins or leaves, and one far below the mean
 * may have none at all; equals have 156 points instead of 160 at some sizes (25, 47, 50, 100 …), as libmemcached rounds,
 * and passing one of those moves some 2 % of the keys. Each pick costs an MD5, about half a microsecond.
 *
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function ring(options: RingOptions = {}): BalancerPlan {
  const { pointsPerWeight, ketama } = settingsOf('ring', ringOptions, options)
  if (ketama && options.pointsPerWeight !== undefined)
    throw badOption(
      'ring.pointsPerWeight',
      'is given with ketama',
      'leave it out, ketama has 160 points each',
    )
  const [scheme, hashOf] = ketama ? [ketamaPoints, ketamaHash] : [idPoints(pointsPerWeight), keyHash]
  return { name: 'ring', make: (tools) => chooseByPoint(scheme, hashOf, tools) }
}

function chooseByPoint(scheme: PointScheme, hashOf: (key: string) => number, tools: ChooserTools): Chooser {
  let known: unknown
  const points = new HashRing(scheme)
  return (candidates, key, note) => {
    if (key === undefined) {
      note?.({ balancer: 'ring', because: 'no key was given: drawn at random' })
      return below(tools.random, candidates.length)
    }
    if (candidates !== known) {
      known = candidates
      points.update(candidates)
    }
    const hashed = hashOf(key)
    const place = points.placeOf(hashed)
    note?.(reasonOf(points, hashed, candidates[place]!.instance.id))
    return place
  }
}

function reasonOf(points: HashRing, hashed: number, id: string): ChoiceReason {
  return {
    balancer: 'ring',
    because: `it owns the first of ${points.size} points at the key's hash or after it`,
    considered: [{ id, hash: hashed >>> 0, point: points.pointAt(hashed) >>> 0 }],
  }
}

function keyHash(key: string): number {
  return hash32(key, 0)
}
