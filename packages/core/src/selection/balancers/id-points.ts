import type { Endpoint } from '../endpoint.js'
import { hash32, mix32 } from './hash.js'
import type { PointScheme } from './hash-ring.js'
import { weightsOf } from './weights.js'

/** Envoy's limit: 80 MB of points, two seconds to place them. */
const mostPoints = 8_000_000

// Keys are hashed with 0: an id that is used as a key must not fall on a point of its own.
const startSeed = 1
const stepSeed = 2

/** Points made of the instance's id, in proportion to the weights: `pointsPerWeight` for the mean one. */
export function idPoints(pointsPerWeight: number): PointScheme {
  return {
    seedOf: ({ id }) => id,
    counts: (candidates) => counts(candidates, pointsPerWeight),
    place,
    compare: (a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)),
  }
}

function counts(candidates: readonly Endpoint[], pointsPerWeight: number): Uint32Array {
  const weights = weightsOf(candidates)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const perWeight = pointsPerWeight / stepped(total / weights.length)
  const scale = perWeight * Math.min(1, mostPoints / (perWeight * total))
  return new Uint32Array(weights).map((weight) => Math.max(1, Math.round(weight * scale)))
}

/**
 * The nearest quarter of a power of two. The mean itself would change with everyone who joins or leaves, and with it the
 * others' counts; coarser steps would be passed less often, but each time move more keys: half of them, if they doubled.
 */
function stepped(mean: number): number {
  return 2 ** (Math.round(4 * Math.log2(mean)) / 4)
}

/**
 * Two hashes of the id, start and step, so that two ids whose starts are near each other don't walk the same way; with an
 * odd step and a bijection at the end, no id has the same point twice.
 */
function place(id: string, points: Int32Array): void {
  const step = hash32(id, stepSeed) | 1
  let next = hash32(id, startSeed)
  for (let i = 0; i < points.length; i++) {
    points[i] = mix32(next)
    next = (next + step) | 0
  }
}
