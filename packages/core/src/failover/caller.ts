import { badOption, show } from '../options.js'
import { noCounts, type CallCounts } from './call-events.js'
import type { CallDefaults, CallOptions } from './call-options.js'
import { mergeCallOptions, planDefaults, type CallPlan } from './call-plan.js'
import type { CallSource } from './call-source.js'
import type { Callee } from './call.js'
import type { Latencies } from './latencies.js'
import { Repeats } from './repeats.js'
import { parseRetryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.js'
import { Run, type CallTools } from './run.js'
import { strategies } from './strategies/strategies.js'
import { TimeLimits } from './time-limits.js'

export interface CallerOptions {
  /** The view's option `call`. */
  readonly call?: CallDefaults | undefined
  /** The view's option `retryBudget`. */
  readonly retryBudget?: RetryBudgetOptions | false | undefined
}

/** A view's calls, and what they share. */
export class Caller implements CallTools {
  readonly source: CallSource
  readonly budget: RetryBudget | undefined
  readonly counts: CallCounts = noCounts()
  readonly repeats: Repeats
  readonly timeLimits: TimeLimits
  latencies: Latencies | undefined = undefined
  readonly #defaults: CallPlan<unknown>

  /** Throws BAD_OPTION and UNKNOWN_OPTION. */
  constructor(source: CallSource, { call, retryBudget }: CallerOptions = {}) {
    this.source = source
    this.#defaults = planDefaults(call)
    this.budget = parseRetryBudget(retryBudget)
    this.timeLimits = new TimeLimits(source.clock)
    this.repeats = new Repeats({
      clock: source.clock,
      counts: this.counts,
      report: (event) => source.report(event),
    })
  }

  /**
   * Calls `fn` with an instance, and does about failure what the `strategy` says: see `StrategyName`.
   *
   * Waits for a first snapshot, within its deadline; then TIMEOUT. An empty set is NO_INSTANCES at once, one of which all
   * have as many calls as they may OVERLOADED.
   */
  call<T, F = never>(fn: Callee<T>, options?: CallOptions<T, F>): Promise<T | F> {
    try {
      const plan = mergeCallOptions<T>(this.#defaults, options)
      if (typeof fn !== 'function') throw badOption('fn', `is ${show(fn)}`, 'give a function of an instance')
      plan.signal?.throwIfAborted()
      const now = this.source.clock.now()
      this.counts.calls++
      this.budget?.count(now)
      return strategies[plan.strategy](new Run(this, fn, plan, now))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Drops the failback calls that wait. Calls under way go on. */
  close(): void {
    this.repeats.close()
    this.timeLimits.close()
  }
}
