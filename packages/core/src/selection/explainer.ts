import type { BalancerPlan } from './balancers/balancer.js'
import type { ChoiceReason } from './balancers/chooser.js'
import type { Candidates } from './candidates.js'
import type { Endpoint } from './endpoint.js'
import type {
  EndpointExplanation,
  Exclusion,
  ExclusionReason,
  PickExplanation,
  SelectionExplanation,
} from './explanation.js'
import { isEjected, isMissing } from './fitness.js'
import type { Group } from './group.js'

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
