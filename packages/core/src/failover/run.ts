import { RollcallError, isRollcallError } from '../errors.js'
import type { Endpoint } from '../selection/endpoint.js'
import type { Pick } from '../selection/pick.js'
import type { CallCounts } from './call-events.js'
import { CallFailedError, type FailedAttempt } from './call-failed.js'
import type { CallPlan } from './call-plan.js'
import type { CallSource } from './call-source.js'
import type { Callee } from './call.js'
import type { Latencies } from './latencies.js'
import { LimitedRun } from './limited.js'
import type { Repeats } from './repeats.js'
import type { RetryBudget } from './retry-budget.js'
import type { TimeLimits } from './time-limits.js'

/** What the calls of a view share. */
export interface CallTools {
  readonly source: CallSource
  readonly budget: RetryBudget | undefined
  readonly counts: CallCounts
  readonly repeats: Repeats
  readonly timeLimits: TimeLimits
  /** Kept from the first call on that hedges. */
  latencies: Latencies | undefined
}

/** Where a call stands: what its strategy knows of it. */
export class Run<T> {
  readonly tools: CallTools
  readonly source: CallSource
  readonly fn: Callee<T>
  readonly plan: CallPlan<T>
  /** By the clock's `now`. */
  readonly deadline: number
  readonly failures: FailedAttempt[] = []
  /** Chooses instead of the balancer. */
  choose: ((source: CallSource, tried: ReadonlySet<Endpoint> | undefined) => Pick) | undefined = undefined
  /** How many attempts were begun. */
  begun: number
  /** How many failures were refusals by endpoints in service until then: news, not a failure of many. */
  refusals = 0
  /** Those that have failed; not made before there is one. */
  #tried: Set<Endpoint> | undefined
  /** Until when each of those that answered with Retry-After wants to be left alone. */
  #pauses: Map<Endpoint, number> | undefined
  /** A reading of the clock that is still good: the usual call needs no second one. */
  #reading: number | undefined

  /** `begun` is more than 0 for one that goes on with what an earlier one began. */
  constructor(tools: CallTools, fn: Callee<T>, plan: CallPlan<T>, now: number, begun = 0) {
    this.tools = tools
    this.source = tools.source
    this.fn = fn
    this.plan = plan
    this.deadline = now + plan.deadlineMs
    this.begun = begun
    this.#reading = now
  }

  get tried(): ReadonlySet<Endpoint> | undefined {
    return this.#tried
  }

  /** Now, by a reading made in the same turn if there is one. */
  takeNow(): number {
    const reading = this.#reading ?? this.source.clock.now()
    this.#reading = undefined
    return reading
  }

  /** Notes how long a success took, if anybody wants to know. */
  answered(startedAt: number): void {
    const { latencies } = this.tools
    if (!latencies) return
    const now = this.source.clock.now()
    latencies.record(now - startedAt, now)
  }

  /** Not this one again while there are others. */
  avoid(endpoint: Endpoint): void {
    this.#tried ??= new Set()
    this.#tried.add(endpoint)
  }

  pause(endpoint: Endpoint, ms: number): void {
    this.#pauses ??= new Map()
    this.#pauses.set(endpoint, this.source.clock.now() + ms)
    this.source.pause(endpoint, ms)
  }

  /** How long until the first of those that asked for a pause may be asked again. */
  pauseLeftMs(now: number): number {
    const ends = this.#pauses === undefined ? [] : [...this.#pauses.values()].filter((end) => end > now)
    return ends.length === 0 ? 0 : Math.min(...ends) - now
  }

  /** The first pick; undefined when the view is not ready yet: then `waitForPick`. Throws as `acquire` does. */
  firstPick(): Pick | undefined {
    return this.whenReady(() => this.acquire())
  }

  /** What `ask` gives; undefined while the view is not ready. */
  whenReady<A>(ask: () => A): A | undefined {
    try {
      return ask()
    } catch (error) {
      if (!isRollcallError(error, 'NOT_READY')) throw error
      return undefined
    }
  }

  async waitForPick(): Promise<Pick> {
    await this.waitForSnapshot()
    return this.acquire()
  }

  /** Throws TIMEOUT when the deadline comes first. */
  async waitForSnapshot(): Promise<void> {
    const { source, plan, deadline } = this
    this.#reading = undefined
    const late = (): unknown => {
      const why = source.whyNotReady()
      return new RollcallError(
        'TIMEOUT',
        `${source.service} was not listed within the call's deadline of ${plan.deadlineMs} ms${why ? `: ${why}` : '.'}`,
      )
    }
    const now = source.clock.now()
    const { timeLimits } = this.tools
    const limits = { timeLimits, now, limitMs: deadline - now, outer: plan.signal, late }
    const ending = await new LimitedRun(
      limits,
      (own) => source.ready(own.signal),
      (ending) => ending,
    ).ended
    if (ending.how !== 'resolved') throw ending.error
  }

  /** A pick, not of one that has failed while there are others. */
  acquire(): Pick {
    const { source, plan } = this
    if (this.choose) return this.choose(source, this.#tried)
    if (this.#tried === undefined && plan.key === undefined) return source.acquire(anybody)
    return source.acquire({ tried: this.#tried, key: plan.key })
  }

  /** Another pick, or in words why there is none. */
  acquireAgain(): Pick | string {
    try {
      return this.acquire()
    } catch (error) {
      if (isNobody(error)) return 'no instance being left'
      if (isRollcallError(error, 'CLOSED')) return 'its view being closed'
      throw error
    }
  }

  /** Takes one retry or hedge out of the view's budget, if there is one. */
  draw(): boolean {
    const { budget, counts } = this.tools
    if (!budget) return true
    const now = this.source.clock.now()
    if (budget.draw(now)) return true
    counts.refused++
    if (budget.mayTell(now)) {
      this.source.report({ type: 'call.budget', calls: budget.calls, retries: budget.retries })
    }
    return false
  }

  failed(why: string): CallFailedError {
    return new CallFailedError(this.source.service, why, this.failures)
  }
}

const anybody = {}

/** Whether there is nobody to call: an error on a call's first pick, the end of its retries later. */
export function isNobody(error: unknown): boolean {
  return isRollcallError(error, 'NO_INSTANCES') || isRollcallError(error, 'OVERLOADED')
}
