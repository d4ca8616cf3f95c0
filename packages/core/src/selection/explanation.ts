import type { InstanceStatus } from '../instance.js'
import type { ChoiceReason } from './balancers/chooser.js'
import type { EjectReason, Endpoint } from './endpoint.js'

/**
 * Why an endpoint is no candidate: `failing` covers every suspicion (and a trial call under way), `busy` a pause that it
 * asked for, `probes fail` what the prober says, `missing` that the store no more lists it and nobody could reach it,
 * `left out` that the view's `match` or `subset` does, `spare` that its priority or zone gets no calls at present,
 * `full` that it has as many calls as it may.
 */
export type ExclusionReason =
  | 'down'
  | 'draining'
  | 'refused'
  | 'failing'
  | 'busy'
  | 'probes fail'
  | 'missing'
  | 'weight 0'
  | 'left out'
  | 'spare'
  | 'full'

/** One endpoint, as plain data. */
export interface EndpointExplanation {
  readonly id: string
  readonly url: string
  readonly zone?: string
  readonly version?: string
  readonly weight: number
  readonly status: InstanceStatus
  /** Kept against the store's last word. */
  readonly held: boolean
  readonly isCandidate: boolean
  /** Why it is none. */
  readonly excluded?: ExclusionReason
  /** The group that it belongs to: part, priority and zone. Not there if it is left out. */
  readonly group?: string
  readonly inFlight: number
  /** Its average round trip in milliseconds; 0 while it is not measured. */
  readonly averageMs: number
  readonly consecutiveFailures: number
  readonly probed: Endpoint['probed']
  /** What it was ejected for, how often in a row, and for how many milliseconds still. */
  readonly ejected?: { readonly reason: EjectReason; readonly times: number; readonly forMs: number }
}

/** One group, as plain data. */
export interface GroupExplanation {
  readonly name: string
  /** The share of all calls that falls on it, 0 to 1. */
  readonly share: number
  readonly panic: boolean
  readonly endpoints: number
  readonly candidates: number
}

/** How a view would choose now. */
export interface SelectionExplanation {
  readonly balancer: string
  readonly inFlight: number
  readonly groups: readonly GroupExplanation[]
  /** In the set's order. */
  readonly endpoints: readonly EndpointExplanation[]
}

/** Why a pick fell as it did. */
export interface PickExplanation {
  readonly id: string
  readonly url: string
  readonly group: string
  readonly key?: string
  /** The balancer's reasons; those of a wrapped balancer come before its wrapper's. */
  readonly reasons: readonly ChoiceReason[]
  /** Why not the others: why each is no candidate, or in what it came second. */
  readonly others: readonly { readonly id: string; readonly url: string; readonly why: string }[]
}

/** An endpoint that is no candidate, and why: plain data for errors. */
export interface Exclusion {
  readonly id: string
  readonly url: string
  readonly reason: ExclusionReason
}
