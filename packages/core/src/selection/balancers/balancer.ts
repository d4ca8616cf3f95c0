import type { Endpoint } from '../endpoint.js'

/**
 * Chooses one of the candidates, synchronously. It is never given an empty array, and is given the same array object
 * until the candidates or their weights change: whatever is costly to build may be kept for an array.
 * Undefined is allowed by the type for the sake of `candidates[i]`; returning it is an error.
 */
export type Balancer = (candidates: readonly Endpoint[]) => Endpoint | undefined

/**
 * - `weighted` (the default): takes turns while all weights are equal, else `weighted-random`.
 * - `round-robin`: takes turns; weights don't matter.
 * - `random`: everyone has the same chance; weights don't matter.
 * - `weighted-random`: chances in proportion to the weights.
 */
export type BalancerName = 'weighted' | 'round-robin' | 'random' | 'weighted-random'
