import type { Clock } from '../clock.js'
import type { Instance } from '../instance.js'
import { below, type Random } from '../random.js'
import type { Balancer, BalancerName, BalancerPlan } from './balancers/balancer.js'
import { planOf } from './balancers/plan-of.js'
import type { Chooser } from './balancers/chooser.js'
import { Candidates } from './candidates.js'
import type { EjectReason, Endpoint, Standing } from './endpoint.js'
import { judge } from './outlier.js'
import type { Outcome } from './outcome.js'
import { Pick } from './pick.js'
import { reconcile } from './reconcile.js'
import { whyNot, type ExclusionReason } from './sift.js'

export type SelectionEvent =
  | {
      readonly type: 'endpoint.ejected'
      readonly id: string
      readonly reason: EjectReason
      readonly forMs: number
    }
  | { readonly type: 'endpoint.returned'; readonly id: string }

/** An endpoint that is no candidate, and why: plain data for errors and explanations. */
export interface Exclusion {
  readonly id: string
  readonly url: string
  readonly reason: ExclusionReason
}

export interface SelectorOptions {
  readonly clock: Clock
  readonly random: Random
  /** `weighted` by default. */
  readonly balancer?: BalancerName | Balancer | BalancerPlan
  readonly onEvent?: (event: SelectionEvent) => void
}

const nobody: ReadonlySet<string> = new Set()

/**
 * Selection for one service view: snapshots come in on the left, picks go out on the right, outcomes come back through
 * the picks. Throws BAD_OPTION for an unknown balancer.
 */
export class Selector {
  readonly #clock: Clock
  readonly #random: Random
  readonly #choose: Chooser
  readonly #onEvent: (event: SelectionEvent) => void
  readonly #candidates: Candidates

  constructor({ clock, random, balancer, onEvent = () => {} }: SelectorOptions) {
    this.#clock = clock
    this.#random = random
    this.#choose = planOf(balancer).make({ clock, random, inFlight: () => 0 })
    this.#onEvent = onEvent
    this.#candidates = new Candidates(clock)
  }

  /** Everybody of the last snapshot, in its order. */
  get endpoints(): readonly Endpoint[] {
    return this.#candidates.endpoints
  }

  /** Takes in a snapshot; `held` are the ids in it that the store's last listing lacks. */
  update(instances: readonly Instance[], held: ReadonlySet<string> = nobody): void {
    this.#candidates.replace(reconcile(this.endpoints, instances, held))
  }

  /**
   * One instance; undefined when nobody is worth calling. Counts nothing and allocates nothing; an ejected endpoint's
   * trial is for those who report outcomes, so a pick may meet one that is due for it.
   * Throws BAD_BALANCER for what a user's balancer does wrong.
   */
  pick(): Instance | undefined {
    const candidates = this.#candidates.current()
    return candidates.length === 0
      ? undefined
      : this.#candidates.instanceAt(this.#choose(candidates, undefined))
  }

  /** Like `pick`, counted until its `done`. Avoids those already `tried` while there are other candidates. */
  acquire(tried?: ReadonlySet<Endpoint>): Pick | undefined {
    const candidates = this.#candidates.current()
    if (candidates.length === 0) return undefined
    const endpoint = tried
      ? this.#avoiding(candidates, tried)
      : candidates[this.#choose(candidates, undefined)]!
    const began = endpoint.begin(this.#now)
    if (began === 'trial') this.#candidates.reconsider()
    return new Pick(endpoint, began, this)
  }

  /** Why each endpoint that is no candidate is none. */
  exclusions(): Exclusion[] {
    const candidates = new Set(this.#candidates.current())
    const now = this.#clock.now()
    return this.endpoints
      .filter((endpoint) => !candidates.has(endpoint))
      .map((endpoint) => {
        const { id, url } = endpoint.instance
        return { id, url, reason: whyNot(endpoint, now) }
      })
  }

  /** Takes a pick's outcome in: counts it, and ejects or gives back where it says so. Called by Pick alone. */
  settle(endpoint: Endpoint, outcome: Outcome, began: Standing): void {
    const wasFailing = endpoint.consecutiveFailures > 0
    endpoint.record(outcome)
    const isFailing = endpoint.consecutiveFailures > 0
    if (endpoint.held && wasFailing !== isFailing) this.#candidates.reconsider()
    if (outcome !== 'ok' || endpoint.ejectedFor !== undefined) this.#follow(endpoint, outcome, began)
  }

  #follow(endpoint: Endpoint, outcome: Outcome, began: Standing): void {
    const consequence = judge(endpoint, outcome, began, this.#mayEject)
    // The last calls to one that has left the set may well fail: nobody needs to hear of it.
    if (consequence === 'none' || !this.endpoints.includes(endpoint)) return
    const { id } = endpoint.instance
    const now = this.#clock.now()
    this.#candidates.reconsider()
    switch (consequence) {
      case 'giveBack':
        endpoint.giveBack(now)
        return this.#onEvent({ type: 'endpoint.returned', id })
      case 'tryAgain':
        return endpoint.tryAgain(now)
      case 'confirm':
        return endpoint.confirmRefused()
      default:
        return this.#onEvent({
          type: 'endpoint.ejected',
          id,
          reason: consequence,
          forMs: endpoint.eject(consequence, now),
        })
    }
  }

  /**
   * Asks the balancer again while it chooses one already tried, then settles for any other at random. Handing it a
   * shorter array instead would make it build its tables twice for every retry.
   */
  #avoiding(candidates: readonly Endpoint[], tried: ReadonlySet<Endpoint>): Endpoint {
    let chosen = candidates[this.#choose(candidates, undefined)]!
    for (let left = tried.size; left > 0 && tried.has(chosen); left--)
      chosen = candidates[this.#choose(candidates, undefined)]!
    if (!tried.has(chosen)) return chosen
    const others = candidates.filter((endpoint) => !tried.has(endpoint))
    return others[below(this.#random, others.length)] ?? chosen
  }

  readonly #mayEject = (): boolean => this.#candidates.mayEject()

  readonly #now = (): number => this.#clock.now()
}
