import type { Clock } from '../clock.js'
import type { Instance } from '../instance.js'
import type { BalancerPlan } from './balancers/balancer.js'
import type { ChoiceReason, Note } from './balancers/chooser.js'
import { chooserOf } from './balancers/chooser-of.js'
import { planOf } from './balancers/plan-of.js'
import { Candidates } from './candidates.js'
import type { Endpoint, Standing } from './endpoint.js'
import { Explainer } from './explainer.js'
import type { Exclusion, PickExplanation, SelectionExplanation } from './explanation.js'
import { Finder, type Wish } from './finder.js'
import type { Group } from './group.js'
import { observe } from './latency.js'
import { OutlierDetector } from './outlier-detector.js'
import { defaultOutlierPolicy, type OutlierPolicy } from './outlier-policy.js'
import type { Outcome } from './outcome.js'
import { Pick } from './pick.js'
import { reconcile } from './reconcile.js'
import type { NoPick, SelectorOptions } from './selection.js'

const nobody: ReadonlySet<string> = new Set()

/**
 * Selection for one service view: snapshots come in on the left, picks go out on the right, outcomes come back through
 * the picks.
 */
export class Selector {
  readonly plan: BalancerPlan
  readonly #clock: Clock
  readonly #policy: OutlierPolicy
  readonly #decayMs: number
  readonly maxInFlight: number
  readonly #candidates: Candidates
  readonly #finder: Finder
  readonly #outliers: OutlierDetector
  /** The group that every pick falls on, whoever of it is chosen; undefined while a pick must look further. */
  #sole: Group | undefined = undefined
  /** Somebody picked since `lastCallAt` was asked. */
  #wasCalled = false
  #lastCallAt = -Infinity
  #began = false
  #closed = false

  constructor(options: SelectorOptions) {
    const { clock, random, outlier = defaultOutlierPolicy, onEvent = () => {} } = options
    const { overprovisioning = 1.4, panicThreshold = 0.5, maxInFlight = Infinity } = options
    const { balancer: plan = planOf(), layout, zoneShares } = options
    this.plan = plan
    this.#clock = clock
    this.#policy = outlier
    this.#decayMs = plan.decayMs ?? 0
    this.maxInFlight = maxInFlight
    this.#finder = new Finder(plan.name, random, maxInFlight)
    this.#candidates = new Candidates({
      clock,
      policy: outlier,
      makeChooser: (inFlight) => chooserOf(plan, { clock, random, inFlight }),
      ...(layout && { layout }),
      ...(zoneShares && { zoneShares }),
      overprovisioning,
      panicThreshold,
      onPanic: (panic) => onEvent({ type: panic ? 'panic.began' : 'panic.ended' }),
      // A limit must be asked of each endpoint.
      onSole: (sole) => void (this.#sole = maxInFlight === Infinity && !this.#closed ? sole : undefined),
    })
    this.#outliers = new OutlierDetector({ clock, policy: outlier, candidates: this.#candidates, onEvent })
  }

  /** Everybody of the last snapshot, in its order. */
  get endpoints(): readonly Endpoint[] {
    return this.#candidates.endpoints
  }

  /** The same without those that the layout leaves out: whom this view is about. */
  get members(): readonly Endpoint[] {
    return this.#candidates.members
  }

  /** When somebody last picked, as far as anybody asked: by the clock's `now`, -Infinity before the first time. */
  lastCallAt(): number {
    // A mark costs a pick next to nothing, a look at the clock as much as all the rest.
    if (this.#wasCalled) this.#lastCallAt = this.#clock.now()
    this.#wasCalled = false
    return this.#lastCallAt
  }

  /** Takes in a snapshot; `held` are the ids in it that the store's last listing lacks. */
  update(instances: readonly Instance[], held: ReadonlySet<string> = nobody): void {
    const now = this.#clock.now()
    const wall = this.#clock.wall()
    // Those of the first snapshot may have been there for long; later ones are new to everybody.
    const bornAt = this.#began ? () => now : (instance: Instance) => now - ageOf(instance, wall)
    this.#began = true
    const out = this.#candidates.ejected()
    this.#candidates.replace(reconcile(this.endpoints, instances, held, bornAt, now))
    for (const endpoint of out) if (endpoint.ejectedFor === undefined) this.#outliers.tellReturned(endpoint)
  }

  /**
   * One instance; undefined when nobody is worth calling. Counts nothing and allocates nothing; an ejected endpoint's
   * trial is for those who report outcomes, so a pick may meet one that is due for it.
   * Throws BAD_BALANCER for what a user's balancer does wrong.
   */
  pick(key?: string): Instance | undefined {
    this.#wasCalled = true
    const sole = this.#sole
    if (sole === undefined) return this.#pickAmong(key)
    const place = sole.choose(sole.list, key)
    return sole.instances[place] ?? this.#finder.at(place, sole).instance
  }

  #pickAmong(key: string | undefined): Instance | undefined {
    const groups = this.#groups()
    if (groups.length === 0) return undefined
    const group = this.#finder.draw(groups, key)
    const place = group.choose(group.list, key)
    return this.#finder.find(groups, group, place, { key })?.instance
  }

  /** Like `pick`, counted until its `done`. Avoids those `tried` while there are other candidates. */
  acquire(wish?: Wish): Pick | NoPick {
    this.#wasCalled = true
    const sole = this.#sole
    if (sole === undefined || wish?.tried !== undefined) return this.#acquireAmong(wish ?? {})
    const place = sole.choose(sole.list, wish?.key)
    return this.#take(sole.list[place] ?? this.#finder.at(place, sole))
  }

  #acquireAmong(wish: Wish): Pick | NoPick {
    const groups = this.#groups()
    if (groups.length === 0) return 'nobody'
    const group = this.#finder.draw(groups, wish.key)
    const place = group.choose(group.list, wish.key)
    const endpoint = this.#finder.find(groups, group, place, wish)
    return endpoint === undefined ? 'overloaded' : this.#take(endpoint)
  }

  /** A pick of this very endpoint, whatever a balancer would say. */
  acquireAt(endpoint: Endpoint): Pick | NoPick {
    this.#wasCalled = true
    return this.#finder.hasRoom(endpoint) ? this.#take(endpoint) : 'overloaded'
  }

  #take(endpoint: Endpoint): Pick {
    const began = endpoint.begin(this.#now, this.#policy)
    if (began === 'trial') this.#candidates.reconsider(endpoint)
    return new Pick(endpoint, began, this.#decayMs > 0 ? this.#clock.now() : 0, this)
  }

  /** Everybody worth calling now, the best first: see `Candidates.inOrder`. */
  candidates(): Endpoint[] {
    return this.#candidates.inOrder()
  }

  /** Why `pick` gave nobody just now. */
  whyNoPick(): NoPick {
    return this.#groups().length === 0 ? 'nobody' : 'overloaded'
  }

  /** It asked not to be called for so long. */
  pause(endpoint: Endpoint, ms: number): void {
    this.#outliers.pause(endpoint, ms)
  }

  /** Takes in what probes found: see `OutlierDetector`. */
  settleProbe(endpoint: Endpoint, verdict: 'passing' | 'failing', reason?: string): void {
    this.#outliers.settleProbe(endpoint, verdict, reason)
  }

  /** Why each endpoint that is no candidate is none. */
  exclusions(): Exclusion[] {
    return this.#explainer().exclusions()
  }

  /** How everybody stands, as plain data. */
  explain(): SelectionExplanation {
    return this.#explainer().selection()
  }

  /**
   * Makes one pick, as `pick` does, and says why it fell as it did: a balancer that takes turns has then taken one.
   * Undefined when nobody is worth calling, or has room.
   */
  explainPick(key?: string): PickExplanation | undefined {
    const groups = this.#groups()
    if (groups.length === 0) return undefined
    const reasons: ChoiceReason[] = []
    const note: Note = (reason) => void reasons.push(reason)
    const group = this.#finder.draw(groups, key)
    const place = group.choose(group.list, key, note)
    const first = this.#finder.at(place, group)
    if (this.#finder.hasRoom(first)) return this.#explainer().pick(first, group, reasons, key)
    const chosen = this.#finder.find(groups, group, place, { key })
    const because = `${this.plan.name} chose ${first.instance.id}, which has as many calls as it may: another was taken`
    return chosen && this.#explainer().pick(chosen, group, [{ balancer: 'maxInFlight', because }], key)
  }

  /** Takes a pick's outcome in: counts it, and ejects or gives back where it says so. Called by Pick alone. */
  settle(endpoint: Endpoint, outcome: Outcome, began: Standing, begunAt: number): void {
    const wasFailing = endpoint.consecutiveFailures > 0
    endpoint.record(outcome)
    if (this.#decayMs > 0) {
      const now = this.#clock.now()
      observe(endpoint, now - begunAt, outcome, now, this.#decayMs)
    }
    const isFailing = endpoint.consecutiveFailures > 0
    if (endpoint.held && wasFailing !== isFailing) this.#candidates.reconsider(endpoint)
    this.#outliers.settle(endpoint, outcome, began)
  }

  /** From now on balancers choose nobody; what is under way is settled as ever. */
  close(): void {
    this.#closed = true
    this.#sole = undefined
  }

  #groups(): readonly Group[] {
    return this.#closed ? [] : this.#candidates.current()
  }

  #explainer(): Explainer {
    return new Explainer(this.#candidates, this.#clock.now(), this.plan, this.maxInFlight)
  }

  readonly #now = (): number => this.#clock.now()
}

/** How long it has been announced, as far as its own clock and ours can be believed. */
function ageOf({ registeredAt }: Instance, wall: number): number {
  return registeredAt === 0 ? Infinity : Math.max(0, wall - registeredAt)
}
