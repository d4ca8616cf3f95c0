import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { BalancerPlan } from './balancers/balancer.js'
import type { EjectReason } from './endpoint.js'
import type { Layout } from './layout.js'
import type { OutlierPolicy } from './outlier-policy.js'

/** What a selector tells. */
export type SelectionEvent =
  | {
      readonly type: 'endpoint.ejected'
      readonly id: string
      readonly reason: EjectReason
      readonly forMs: number
    }
  | { readonly type: 'endpoint.returned'; readonly id: string }
  | {
      readonly type: 'endpoint.probed'
      readonly id: string
      readonly verdict: 'passing' | 'failing'
      readonly reason?: string
    }
  | { readonly type: 'panic.began' | 'panic.ended' }

export interface SelectorOptions {
  readonly clock: Clock
  readonly random: Random
  /** `weighted` by default. */
  readonly balancer?: BalancerPlan
  readonly outlier?: OutlierPolicy
  readonly layout?: Layout
  readonly zoneShares?: (healthy: ReadonlyMap<string, number>) => ReadonlyMap<string, number>
  /** 1.4 by default: a priority is full until less than 1/1.4 of it is healthy (Envoy's number). */
  readonly overprovisioning?: number
  /** 0.5 by default: with a smaller share beyond suspicion, suspicion is no longer believed. */
  readonly panicThreshold?: number
  /** Calls under way to one endpoint at most; no limit by default. */
  readonly maxInFlight?: number
  readonly onEvent?: (event: SelectionEvent) => void
}

/** Why there is no pick: nobody is worth calling, or all who are have as many calls as they may have. */
export type NoPick = 'nobody' | 'overloaded'
