import type { Endpoint } from '../endpoint.js'

/**
 * The candidates' weights by place, close together: read through the endpoints, among thousands, they would be in no
 * cache. All 1 when nobody has a weight.
 */
export function weightsOf(candidates: readonly Endpoint[]): Uint16Array {
  const weights = new Uint16Array(candidates.length)
  // `from` with a function would take ten times as long, and this is done at every change.
  for (let i = 0; i < weights.length; i++) weights[i] = candidates[i]!.instance.weight
  return weights.some((weight) => weight > 0) ? weights : weights.fill(1)
}

/** The same, or undefined while all are equal: who compares loads then needs none. */
export function unequalWeightsOf(candidates: readonly Endpoint[]): Uint16Array | undefined {
  const weights = weightsOf(candidates)
  return weights.every((weight) => weight === weights[0]) ? undefined : weights
}
