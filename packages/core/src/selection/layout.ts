import type { Endpoint } from './endpoint.js'

/** How a set is divided before anybody's health is looked at: pure, and done once for every snapshot. */
export type Layout = (endpoints: readonly Endpoint[]) => readonly Part[]

/** A share of the calls and who gets it: the canaries, say, and the rest. */
export interface Part {
  readonly name: string
  /** 0 to 1; the shares of all parts make 1. */
  readonly share: number
  /** From the preferred priority to the last resort. */
  readonly priorities: readonly Priority[]
}

/** Endpoints of one rank, zone by zone. */
export interface Priority {
  /** As explanations call it: `own zone`. */
  readonly name: string
  readonly zones: readonly Zone[]
}

export interface Zone {
  /** Empty when zones don't matter. */
  readonly name: string
  readonly endpoints: readonly Endpoint[]
}

/** All in one. */
export const undivided: Layout = (endpoints) => [
  { name: 'all', share: 1, priorities: [{ name: 'all', zones: [{ name: '', endpoints }] }] },
]
