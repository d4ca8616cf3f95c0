import type { Clock } from '../../clock.js'
import type { Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'

/**
 * A balancer at work for one group of endpoints: gives the place of its choice, so that a pick need not touch the
 * endpoint; among thousands, drawn at random, it is in no cache, and fetching it would cost more than all the rest.
 *
 * It is never given an empty array, and the same array object until the candidates or their weights change or one of
 * them is given back, so that tables may be kept for an array. `key` is what the caller wants to keep together, if
 * anything. `note` is there only when somebody wants the choice explained: see `Note`.
 */
export type Chooser = (candidates: readonly Endpoint[], key: string | undefined, note?: Note) => number

/** What a chooser is made with. */
export interface ChooserTools {
  readonly clock: Clock
  readonly random: Random
  /** Calls of this view that are under way to the endpoints of this group. */
  inFlight(): number
}

/** Takes down why a chooser chose: a wrapper's inner balancer notes first, then the wrapper. */
export type Note = (reason: ChoiceReason) => void

/** One balancer's part in a choice, as plain data. */
export interface ChoiceReason {
  /** The balancer's name. */
  readonly balancer: string
  /** In words: `the cheaper of two drawn`. */
  readonly because: string
  /** Those it looked at, the chosen one among them, with the figures that decided; not there if it looked at none. */
  readonly considered?: readonly Considered[]
}

/** Somebody a balancer looked at: the instance's id, and figures by name (`cost`, `inFlight`, `point` …). */
export type Considered = { readonly id: string } & Readonly<Record<string, string | number>>
