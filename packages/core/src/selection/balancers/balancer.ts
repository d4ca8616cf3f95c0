import type { Endpoint } from '../endpoint.js'
import type { Chooser, ChooserTools } from './chooser.js'

/** What a pick is for. */
export interface PickRequest {
  /** What is to be kept together, if the caller gave it: as text. */
  readonly key: string | undefined
}

/**
 * A balancer of one's own: chooses one of the candidates, synchronously. It is never given an empty array, and is given
 * the same array object until the candidates or their weights change: whatever is costly to build may be kept for an
 * array. Undefined is allowed by the type for the sake of `candidates[i]`; returning it is an error.
 */
export type Balancer = (candidates: readonly Endpoint[], request: PickRequest) => Endpoint | undefined

/**
 * A balancer with its settings, as `@rollcall/core/balancers` makes them: a value without state, which any number of
 * views may share.
 */
export interface BalancerPlan {
  /** As it appears in explanations: `ring`. */
  readonly name: string
  /** Calls are timed when this is given: the time in milliseconds over which an average latency forgets. */
  readonly decayMs?: number
  make(tools: ChooserTools): Chooser
}

/**
 * - `weighted` (the default): takes turns while all weights are equal, else `weighted-random`.
 * - `round-robin`: takes turns; weights don't matter.
 * - `random`: everyone has the same chance; weights don't matter.
 * - `weighted-random`: chances in proportion to the weights.
 * - `smooth-weighted`: takes turns in proportion to the weights, spread as evenly as may be.
 * - `least-request`: the one with fewer calls under way of two drawn.
 * - `peak-ewma`: the one that answers sooner of two drawn, by its recent latency and its calls under way.
 * - `ring`, `maglev`, `rendezvous`: the same one for the same key, whoever asks; most stay where they are when one leaves.
 * - `sticky`: whoever a key (or, without keys, this process) had before, as long as it is there.
 */
export type BalancerName =
  | 'weighted'
  | 'round-robin'
  | 'random'
  | 'weighted-random'
  | 'smooth-weighted'
  | 'least-request'
  | 'peak-ewma'
  | 'ring'
  | 'maglev'
  | 'rendezvous'
  | 'sticky'
