import type { Clock } from '../clock.js'
import type { Instance } from '../instance.js'
import { fraction, type Random } from '../random.js'
import type { BalancerPlan } from './balancers/balancer.js'
import type { ChoiceReason, Note } from './balancers/chooser.js'
import { hash32 } from './balancers/hash.js'
import { planOf } from './balancers/plan-of.js'
import { Candidates } from './candidates.js'
import type { EjectReason, Endpoint, Standing } from './endpoint.js'
import { Explainer, type Exclusion, type PickExplanation, type SelectionExplanation } from './explanation.js'
import type { Group } from './group.js'
import { observe } from './latency.js'
import type { Layout } from './layout.js'
import { nextKey } from './key.js'
import { judge, type Consequence } from './outlier.js'
import { defaultOutlierPolicy, type OutlierPolicy } from './outlier-policy.js'
import { rateOutliers } from './outlier-rates.js'
import type { Outcome } from './outcome.js'
import { Pick } from './pick.js'
import { RateWindow } from './rate-window.js'
import { reconcile } from './reconcile.js'

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

/** What a pick is to heed. */
export interface Wish {
  /** Endpoints to avoid while there are others. */
  readonly tried?: ReadonlySet<Endpoint> | undefined
  /** What is to be kept together. */
  readonly key?: string | undefined
}

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

const nobody: ReadonlySet<string> = new Set()

/** Keys are spread over groups with this, and with another seed over the endpoints in one. */
const groupSeed = 0x6f1d

/**
 * Selection for one service view: snapshots come in on the left, picks go out on the right, outcomes come back through
 * the picks.
 */
export class Selector {
  readonly plan: BalancerPlan
  readonly #clock: Clock
  readonly #random: Random
  readonly #policy: OutlierPolicy
  readonly #decayMs: number
  readonly #maxInFlight: number
  readonly #onEvent: (event: SelectionEvent) => void
  readonly #candidates: Candidates
  readonly #window: RateWindow
  #inFlight = 0
  #picks = 0
  #picksSeen = 0
  #lastCallAt = -Infinity
  #began = false

  constructor(options: SelectorOptions) {
    const { clock, random, outlier = defaultOutlierPolicy, onEvent = () => {} } = options
    const { overprovisioning = 1.4, panicThreshold = 0.5, maxInFlight = Infinity } = options
    const { balancer: plan = planOf(), layout, zoneShares } = options
    this.plan = plan
    this.#clock = clock
    this.#random = random
    this.#policy = outlier
    this.#decayMs = plan.decayMs ?? 0
    this.#maxInFlight = maxInFlight
    this.#onEvent = onEvent
    this.#window = new RateWindow(clock, outlier.intervalMs)
    this.#candidates = new Candidates({
      clock,
      policy: outlier,
      makeChooser: () => plan.make({ clock, random, inFlight: () => this.#inFlight }),
      ...(layout && { layout }),
      ...(zoneShares && { zoneShares }),
      overprovisioning,
      panicThreshold,
      onPanic: (panic) => onEvent({ type: panic ? 'panic.began' : 'panic.ended' }),
    })
  }

  /** Everybody of the last snapshot, in its order. */
  get endpoints(): readonly Endpoint[] {
    return this.#candidates.endpoints
  }

  /** Calls of this view that are under way, to whomever. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** When somebody last picked, as far as anybody asked: by the clock's `now`, -Infinity before the first time. */
  lastCallAt(): number {
    // Counting costs a pick next to nothing, a look at the clock as much as all the rest.
    if (this.#picks !== this.#picksSeen) this.#lastCallAt = this.#clock.now()
    this.#picksSeen = this.#picks
    return this.#lastCallAt
  }

  /** Takes in a snapshot; `held` are the ids in it that the store's last listing lacks. */
  update(instances: readonly Instance[], held: ReadonlySet<string> = nobody): void {
    const now = this.#clock.now()
    const wall = this.#clock.wall()
    // Those of the first snapshot may have been there for long; later ones are new to everybody.
    const bornAt = this.#began ? () => now : (instance: Instance) => now - ageOf(instance, wall)
    this.#began = true
    this.#candidates.replace(reconcile(this.endpoints, instances, held, bornAt))
  }

  /**
   * One instance; undefined when nobody is worth calling. Counts nothing and allocates nothing; an ejected endpoint's
   * trial is for those who report outcomes, so a pick may meet one that is due for it.
   * Throws BAD_BALANCER for what a user's balancer does wrong.
   */
  pick(key?: string): Instance | undefined {
    this.#picks++
    const groups = this.#candidates.current()
    if (groups.length === 0) return undefined
    const group = groups.length === 1 ? groups[0]! : this.#draw(groups, key)
    const place = group.choose(group.list, key)
    if (this.#maxInFlight === Infinity) return group.instances[place]!
    return this.#find(groups, group, place, { key })?.instance
  }

  /** Like `pick`, counted until its `done`. Avoids those `tried` while there are other candidates. */
  acquire(wish?: Wish): Pick | NoPick {
    this.#picks++
    const groups = this.#candidates.current()
    if (groups.length === 0) return 'nobody'
    const key = wish?.key
    const group = groups.length === 1 ? groups[0]! : this.#draw(groups, key)
    const place = group.choose(group.list, key)
    const isSimple = wish?.tried === undefined && this.#maxInFlight === Infinity
    const endpoint = isSimple ? group.list[place]! : this.#find(groups, group, place, wish ?? {})
    return endpoint === undefined ? 'overloaded' : this.#take(endpoint)
  }

  /** A pick of this very endpoint, whatever a balancer would say. */
  acquireAt(endpoint: Endpoint): Pick | NoPick {
    this.#picks++
    return this.#hasRoom(endpoint) ? this.#take(endpoint) : 'overloaded'
  }

  #take(endpoint: Endpoint): Pick {
    const began = endpoint.begin(this.#now, this.#policy)
    if (began === 'trial') this.#candidates.reconsider(endpoint)
    this.#inFlight++
    return new Pick(endpoint, began, this.#decayMs > 0 ? this.#clock.now() : 0, this)
  }

  /** Everybody worth calling now, group by group, each in the set's order. */
  candidates(): Endpoint[] {
    return this.#candidates.current().flatMap(({ list }) => list)
  }

  /** Why `pick` gave nobody just now. */
  whyNoPick(): NoPick {
    return this.#candidates.current().length === 0 ? 'nobody' : 'overloaded'
  }

  /** It asked not to be called for so long. */
  pause(endpoint: Endpoint, ms: number): void {
    if (!this.endpoints.includes(endpoint) || ms <= 0) return
    const forMs = Math.min(ms, this.#policy.longestMs)
    endpoint.pause(forMs, this.#clock.now())
    this.#candidates.reconsider(endpoint)
    this.#onEvent({ type: 'endpoint.ejected', id: endpoint.instance.id, reason: 'busy', forMs })
  }

  /** Takes in what probes found. A passing one returns an ejected endpoint at once. */
  settleProbe(endpoint: Endpoint, verdict: 'passing' | 'failing', reason?: string): void {
    const isNews = endpoint.probed !== verdict
    const { id } = endpoint.instance
    endpoint.probed = verdict
    if (!this.endpoints.includes(endpoint)) return
    if (isNews)
      this.#onEvent({ type: 'endpoint.probed', id, verdict, ...(reason !== undefined && { reason }) })
    if (verdict === 'passing' && endpoint.ejectedFor !== undefined && endpoint.ejectedFor !== 'busy') {
      return this.#apply('giveBack', endpoint)
    }
    if (isNews) this.#candidates.reconsider(endpoint)
  }

  /** Why each endpoint that is no candidate is none. */
  exclusions(): Exclusion[] {
    return this.#explainer().exclusions()
  }

  /** How everybody stands, as plain data. */
  explain(): SelectionExplanation {
    return this.#explainer().selection()
  }

  /** Makes one pick, as `pick` does, and says why it fell as it did. Undefined when nobody is worth calling. */
  explainPick(key?: string): PickExplanation | undefined {
    const groups = this.#candidates.current()
    if (groups.length === 0) return undefined
    const reasons: ChoiceReason[] = []
    const note: Note = (reason) => void reasons.push(reason)
    const group = groups.length === 1 ? groups[0]! : this.#draw(groups, key)
    const place = group.choose(group.list, key, note)
    const chosen =
      this.#maxInFlight === Infinity ? group.list[place] : this.#find(groups, group, place, { key })
    return chosen && this.#explainer().pick(chosen, reasons, key)
  }

  /** Takes a pick's outcome in: counts it, and ejects or gives back where it says so. Called by Pick alone. */
  settle(endpoint: Endpoint, outcome: Outcome, began: Standing, begunAt: number): void {
    this.#inFlight--
    const wasFailing = endpoint.consecutiveFailures > 0
    endpoint.record(outcome)
    if (this.#decayMs > 0) {
      const now = this.#clock.now()
      observe(endpoint, now - begunAt, outcome, now, this.#decayMs)
    }
    const isFailing = endpoint.consecutiveFailures > 0
    if (endpoint.held && wasFailing !== isFailing) this.#candidates.reconsider(endpoint)
    if (outcome !== 'ok' || endpoint.ejectedFor !== undefined) this.#follow(endpoint, outcome, began)
    if (this.#window.isOver()) this.#judgeRates()
  }

  #follow(endpoint: Endpoint, outcome: Outcome, began: Standing): void {
    const consequence = judge(endpoint, outcome, began, this.#policy, this.#mayEject)
    // The last calls to one that has left the set may well fail: nobody needs to hear of it.
    const group = consequence === 'none' ? undefined : this.#candidates.groupOf(endpoint)
    if (consequence !== 'none' && group) this.#apply(consequence, endpoint, group)
  }

  #apply(consequence: Exclude<Consequence, 'none'>, endpoint: Endpoint, group?: Group): void {
    const { id } = endpoint.instance
    const now = this.#clock.now()
    switch (consequence) {
      case 'giveBack':
        endpoint.giveBack(now)
        this.#onEvent({ type: 'endpoint.returned', id })
        break
      case 'tryAgain':
        endpoint.tryAgain(now)
        break
      case 'confirm':
        endpoint.confirmRefused()
        break
      default: {
        const forMs = endpoint.eject(consequence, now, this.#policy)
        this.#onEvent({ type: 'endpoint.ejected', id, reason: consequence, forMs })
      }
    }
    this.#candidates.reconsider(endpoint, group)
  }

  /** An interval is over: whoever did worse than the others goes, as long as any more may. */
  #judgeRates(): void {
    for (const { endpoint, reason } of rateOutliers(this.endpoints, this.#policy)) {
      if (endpoint.ejectedFor === undefined && this.#candidates.mayEject()) this.#apply(reason, endpoint)
    }
    for (const endpoint of this.endpoints) endpoint.startWindow()
  }

  /** A group by the shares; the same one for the same key while the shares stay. */
  #draw(groups: readonly Group[], key: string | undefined): Group {
    let left = key === undefined ? fraction(this.#random) : fraction(() => hash32(key, groupSeed))
    for (const group of groups) {
      left -= group.share
      if (left < 0) return group
    }
    return groups.at(-1)!
  }

  /**
   * The choice at `place`, unless it was tried already or has as many calls as it may have: then the balancer is asked
   * again, and at last anybody else is taken, in the group's order and then in the other groups. Handing the balancer
   * a shorter array instead would make it build its tables twice for every retry.
   */
  #find(groups: readonly Group[], group: Group, place: number, { tried, key }: Wish): Endpoint | undefined {
    const first = group.list[place]!
    if (this.#isFree(first, tried)) return first
    const turns = Math.min(group.list.length, 2 + (tried?.size ?? 0))
    for (let turn = 1; turn <= turns; turn++) {
      const other = group.list[group.choose(group.list, key === undefined ? key : nextKey(key, turn))]!
      if (this.#isFree(other, tried)) return other
    }
    return (
      this.#anybody(groups, group, tried) ?? (this.#hasRoom(first) ? first : this.#anybody(groups, group))
    )
  }

  /** Somebody free of the group, beginning at a random place, else of the other groups in their order. */
  #anybody(groups: readonly Group[], first: Group, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    for (const { list } of [first, ...groups.filter((group) => group !== first)]) {
      const start = Math.floor(fraction(this.#random) * list.length)
      for (let i = 0; i < list.length; i++) {
        const endpoint = list[(start + i) % list.length]!
        if (this.#isFree(endpoint, tried)) return endpoint
      }
    }
    return undefined
  }

  #isFree(endpoint: Endpoint, tried: ReadonlySet<Endpoint> | undefined): boolean {
    return this.#hasRoom(endpoint) && !tried?.has(endpoint)
  }

  #hasRoom({ inFlight }: Endpoint): boolean {
    return inFlight < this.#maxInFlight
  }

  #explainer(): Explainer {
    return new Explainer(this.#candidates, this.#clock.now(), this.plan, this.#maxInFlight)
  }

  readonly #mayEject = (): boolean => this.#candidates.mayEject()

  readonly #now = (): number => this.#clock.now()
}

/** How long it has been announced, as far as its own clock and ours can be believed. */
function ageOf({ registeredAt }: Instance, wall: number): number {
  return registeredAt === 0 ? Infinity : Math.max(0, wall - registeredAt)
}
