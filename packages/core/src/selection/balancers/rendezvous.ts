import { below } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools, Considered } from './chooser.js'
import { hash32, mix32 } from './hash.js'
import { unequalWeightsOf } from './weights.js'

// Keys are hashed with 0.
const idSeed = 1
const saltSeed = 2

/**
 * Rendezvous hashing, or highest random weight (Thaler and Ravishankar, 1998): each candidate draws a lot made of its id
 * and the key, and the best lot wins; with weights -weight / ln(lot) (Schindelhauer and Schomaker, 2005), so that shares
 * are exact. Whoever leaves gives up its own keys and nobody else's, whoever joins or gains weight takes only what
 * becomes its own, and there is nothing to build. But every pick looks at every candidate, about 4 ns for each, or 8 when
 * weights differ: good for some hundreds.
 *
 * The same keys go to the same instances in every process, whatever the order of the candidates. Without a key it chooses
 * at random, whatever the weights.
 */
export function rendezvous(): BalancerPlan {
  return { name: 'rendezvous', make: chooseByLot }
}

function chooseByLot({ random }: ChooserTools): Chooser {
  let known: readonly Endpoint[] = []
  let lots = lotsOf([])
  return (candidates, key, note) => {
    if (key === undefined) {
      note?.({ balancer: 'rendezvous', because: 'no key was given: drawn at random' })
      return below(random, candidates.length)
    }
    if (candidates !== known) {
      known = candidates
      lots = lotsOf(candidates)
    }
    const hash = hash32(key, 0)
    const place = lots.weights ? bestWeighted(lots, lots.weights, hash) : bestEqual(lots, hash)
    note?.({ balancer: 'rendezvous', because: 'its lot is the best', considered: leaders(lots, hash) })
    return place
  }
}

interface Lots {
  readonly candidates: readonly Endpoint[]
  readonly hashes: Int32Array
  /** A second hash: one of two ids with the same hash would never win. */
  readonly salts: Int32Array
  /** Undefined while all are equal. */
  readonly weights: Uint16Array | undefined
}

function lotsOf(candidates: readonly Endpoint[]): Lots {
  const hashes = Int32Array.from(candidates.map(({ instance }) => hash32(instance.id, idSeed)))
  const salts = Int32Array.from(candidates.map(({ instance }) => hash32(instance.id, saltSeed)))
  return { candidates, hashes, salts, weights: unequalWeightsOf(candidates) }
}

/** While weights are equal the greatest lot has the best score, and no logarithm is needed. */
function bestEqual(lots: Lots, hash: number): number {
  const { hashes, salts } = lots
  let best = 0
  let most = -1
  for (let place = 0; place < hashes.length; place++) {
    const lot = mix32((hash ^ hashes[place]!) + salts[place]!) >>> 0
    if (lot < most || (lot === most && !comesFirst(lots, place, best))) continue
    most = lot
    best = place
  }
  return best
}

/**
 * A logarithm costs ten times all the rest, and few are needed: since e^x >= 1 + x, a lot cannot beat the best score so
 * far unless it exceeds 1 - weight / best. The margin is for rounding, lest it decide by who stands first.
 */
function bestWeighted(lots: Lots, weights: Uint16Array, hash: number): number {
  const { hashes, salts } = lots
  let best = 0
  let most = 0
  for (let place = 0; place < weights.length; place++) {
    const lot = fractionOf(mix32((hash ^ hashes[place]!) + salts[place]!))
    const weight = weights[place]!
    if ((lot + 1e-12) * most < most - weight) continue
    const score = -weight / Math.log(lot)
    if (score < most || (score === most && !comesFirst(lots, place, best))) continue
    most = score
    best = place
  }
  return best
}

/** Between 0 and 1, but neither of them, so that its logarithm is finite and not 0. */
function fractionOf(lot: number): number {
  return ((lot >>> 0) + 0.5) / 2 ** 32
}

/** Where two have drawn the same, which happens, the smaller id wins, wherever they stand. */
function comesFirst({ candidates }: Lots, a: number, b: number): boolean {
  return candidates[a]!.instance.id <= candidates[b]!.instance.id
}

/** The best three, for explanations. */
function leaders({ candidates, hashes, salts, weights }: Lots, hash: number): Considered[] {
  return candidates
    .map(({ instance: { id } }, place) => {
      const lot = fractionOf(mix32((hash ^ hashes[place]!) + salts[place]!))
      return { id, score: -(weights?.[place] ?? 1) / Math.log(lot) }
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
}
