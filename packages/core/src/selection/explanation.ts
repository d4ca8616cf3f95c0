import type { InstanceStatus } from '../instance.js'
import type { BalancerPlan } from './balancers/balancer.js'
import type { ChoiceReason } from './balancers/chooser.js'
import type { Candidates } from './candidates.js'
import type { EjectReason, Endpoint } from './endpoint.js'
import { isEjected, isMissing } from './fitness.js'
import type { Group } from './group.js'

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

/** Describes a selection at one moment, in plain data. Changes nothing. */
export class Explainer {
  readonly #candidates: Candidates
  readonly #now: number
  readonly #plan: BalancerPlan
  readonly #maxInFlight: number
  readonly #inUse: ReadonlySet<Endpoint>
  readonly #hasWeight: boolean

  constructor(candidates: Candidates, now: number, plan: BalancerPlan, maxInFlight: number) {
    this.#candidates = candidates
    this.#now = now
    this.#plan = plan
    this.#maxInFlight = maxInFlight
    const inUse = candidates.current().flatMap(({ list }) => list)
    this.#inUse = new Set(inUse)
    this.#hasWeight = inUse.some(({ instance }) => instance.weight > 0)
  }

  selection(): SelectionExplanation {
    const { endpoints, divisions } = this.#candidates
    const groups = divisions.flatMap(({ ranks }) => ranks.flatMap((rank) => rank.groups))
    return {
      balancer: this.#plan.name,
      inFlight: endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0),
      groups: groups.map(({ name, share, panic, all, list }) => ({
        name,
        share,
        panic,
        endpoints: all.length,
        candidates: share > 0 ? list.length : 0,
      })),
      endpoints: endpoints.map((endpoint) => this.endpoint(endpoint)),
    }
  }

  endpoint(endpoint: Endpoint): EndpointExplanation {
    const { id, url, zone, version, weight, status } = endpoint.instance
    const { held, inFlight, averageMs, consecutiveFailures, probed, ejectedFor, timesEjected } = endpoint
    const excluded = this.#whyNot(endpoint)
    const group = this.#candidates.groupOf(endpoint)?.name
    const forMs = Math.max(0, endpoint.ejectedUntil - this.#now)
    return {
      id,
      url,
      ...(zone !== undefined && { zone }),
      ...(version !== undefined && { version }),
      weight,
      status,
      held,
      isCandidate: excluded === undefined,
      ...(excluded && { excluded }),
      ...(group !== undefined && { group }),
      inFlight,
      averageMs,
      consecutiveFailures,
      probed,
      ...(ejectedFor && { ejected: { reason: ejectedFor, times: timesEjected, forMs } }),
    }
  }

  exclusions(): Exclusion[] {
    return this.#candidates.endpoints.flatMap((endpoint) => {
      const { id, url } = endpoint.instance
      const reason = this.#whyNot(endpoint)
      return reason === undefined ? [] : [{ id, url, reason }]
    })
  }

  /** @param drawn the group that the shares chose */
  pick(
    chosen: Endpoint,
    drawn: Group,
    reasons: readonly ChoiceReason[],
    key: string | undefined,
  ): PickExplanation {
    const { id, url } = chosen.instance
    const group = this.#candidates.groupOf(chosen)?.name ?? ''
    const others = this.#candidates.endpoints.filter((endpoint) => endpoint !== chosen)
    return {
      id,
      url,
      group,
      ...(key !== undefined && { key }),
      reasons,
      others: others.map((other) => ({
        id: other.instance.id,
        url: other.instance.url,
        why: this.#whySecond(other, drawn, reasons),
      })),
    }
  }

  #whySecond(other: Endpoint, drawn: Group, reasons: readonly ChoiceReason[]): string {
    const excluded = this.#whyNot(other)
    if (excluded) return excluded
    const group = this.#candidates.groupOf(other)
    if (group && group !== drawn) {
      return `the draw fell on ${drawn.name}; ${group.name} has ${Math.round(group.share * 100)} %`
    }
    for (const { balancer, considered } of reasons) {
      const seen = considered?.find(({ id }) => id === other.instance.id)
      if (seen) return `${balancer} preferred the other: ${figuresOf(seen)}`
    }
    return 'not drawn'
  }

  #whyNot(endpoint: Endpoint): ExclusionReason | undefined {
    if (this.#inUse.has(endpoint)) return endpoint.inFlight >= this.#maxInFlight ? 'full' : undefined
    const { status, weight } = endpoint.instance
    const group = this.#candidates.groupOf(endpoint)
    if (!group) return 'left out'
    if (status === 'down') return 'down'
    const isOut = isEjected(endpoint, this.#now)
    if (isOut && endpoint.ejectedFor === 'refused') return 'refused'
    if (isMissing(endpoint)) return 'missing'
    if (isOut) return endpoint.ejectedFor === 'busy' ? 'busy' : 'failing'
    if (endpoint.probed === 'failing') return 'probes fail'
    if (status === 'draining') return 'draining'
    return weight === 0 && this.#hasWeight ? 'weight 0' : 'spare'
  }
}

function figuresOf(seen: { readonly id: string } & Readonly<Record<string, string | number>>): string {
  return Object.entries(seen)
    .filter(([name]) => name !== 'id')
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ')
}
