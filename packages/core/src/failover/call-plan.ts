import { badOption } from '../options.js'
import { keyText } from '../selection/key.js'
import { callOptions, type CallDefaults, type CallOptions, type StrategyName } from './call-options.js'
import { checkCallOptions } from './check-call-options.js'
import { byStatus, type Classify } from './classify.js'

/** The options of a call with their defaults. */
export interface CallPlan<T> {
  readonly strategy: StrategyName
  readonly idempotent: boolean
  readonly key: string | undefined
  readonly attemptTimeoutMs: number
  readonly deadlineMs: number
  readonly classify: Classify<T>
  readonly signal: AbortSignal | undefined
  readonly attempts: number
  readonly backoffBaseMs: number
  readonly backoffMaxMs: number
  readonly forks: number
  readonly hedges: number
  /** Undefined: by the latencies. */
  readonly hedgeAfterMs: number | undefined
  readonly share: number
  readonly fallback: unknown
  readonly hasFallback: boolean
  readonly everyMs: number
  readonly times: number
  readonly queue: number
}

const unset: CallPlan<unknown> = {
  strategy: callOptions.strategy.default,
  idempotent: callOptions.idempotent.default,
  key: undefined,
  attemptTimeoutMs: callOptions.attemptTimeoutMs.default,
  deadlineMs: callOptions.deadlineMs.default,
  classify: byStatus,
  signal: undefined,
  attempts: callOptions.attempts.default,
  backoffBaseMs: callOptions.backoffBaseMs.default,
  backoffMaxMs: callOptions.backoffMaxMs.default,
  forks: callOptions.forks.default,
  hedges: callOptions.hedges.default,
  hedgeAfterMs: undefined,
  share: callOptions.share.default,
  fallback: undefined,
  hasFallback: false,
  everyMs: callOptions.everyMs.default,
  times: callOptions.times.default,
  queue: callOptions.queue.default,
}

/**
 * A service's defaults for its calls. Throws BAD_OPTION and UNKNOWN_OPTION, also for what conflicts with the defaults'
 * own strategy. What a strategy needs (`idempotent`, `fallback`) may still come with the call.
 */
export function planDefaults(defaults: CallDefaults | undefined): CallPlan<unknown> {
  if (defaults === undefined) return unset
  checkCallOptions(defaults, unset.strategy, 'call')
  return paced(merge(unset, defaults as CallOptions<unknown, unknown>))
}

/**
 * The defaults, overridden by a call's own options; an option that is undefined is one not given. Throws BAD_OPTION
 * and UNKNOWN_OPTION. An option of another strategy than the call's is a conflict; a default of another strategy
 * was meant for calls without a strategy of their own, and is passed over.
 */
export function mergeCallOptions<T>(
  defaults: CallPlan<unknown>,
  options: CallOptions<T, unknown> | undefined,
): CallPlan<T> {
  if (options !== undefined) checkCallOptions(options, defaults.strategy)
  const plan = options === undefined ? (defaults as CallPlan<T>) : merge(defaults, options)
  if (plan.strategy !== 'failover') checkNeeds(plan)
  return paced(plan)
}

function merge<T>(base: CallPlan<unknown>, options: CallOptions<T, unknown>): CallPlan<T> {
  return {
    strategy: options.strategy ?? base.strategy,
    idempotent: options.idempotent ?? base.idempotent,
    key: options.key === undefined ? undefined : keyText(options.key),
    attemptTimeoutMs: options.attemptTimeoutMs ?? base.attemptTimeoutMs,
    deadlineMs: options.deadlineMs ?? base.deadlineMs,
    classify: options.classify ?? base.classify,
    signal: options.signal,
    attempts: options.attempts ?? base.attempts,
    backoffBaseMs: options.backoffBaseMs ?? base.backoffBaseMs,
    backoffMaxMs: options.backoffMaxMs ?? base.backoffMaxMs,
    forks: options.forks ?? base.forks,
    hedges: options.hedges ?? base.hedges,
    hedgeAfterMs: options.hedgeAfterMs ?? base.hedgeAfterMs,
    share: options.share ?? base.share,
    fallback: 'fallback' in options ? options.fallback : base.fallback,
    hasFallback: 'fallback' in options || base.hasFallback,
    everyMs: options.everyMs ?? base.everyMs,
    times: options.times ?? base.times,
    queue: options.queue ?? base.queue,
  }
}

function checkNeeds({ strategy, idempotent, hasFallback, attempts }: CallPlan<never>): void {
  const refuse = (what: string, fix: string): never => {
    throw badOption('strategy', `is "${strategy}", ${what}`, fix)
  }
  if (strategy === 'hedging' || strategy === 'forking') {
    if (!idempotent) refuse('which may do the call twice', "give idempotent: true or strategy: 'failover'")
    if (strategy === 'hedging' && attempts < 2)
      refuse('which conflicts with attempts: 1', "give attempts: 2 or more, or strategy: 'failfast'")
  } else if ((strategy === 'failsafe' || strategy === 'failback') && !hasFallback) {
    refuse('which returns a fallback on an error', 'give fallback, if need be undefined')
  }
}

function paced<T>(plan: CallPlan<T>): CallPlan<T> {
  const { backoffBaseMs, backoffMaxMs } = plan
  if (backoffBaseMs <= backoffMaxMs) return plan
  throw badOption(
    'backoffBaseMs',
    `is ${backoffBaseMs} and conflicts with backoffMaxMs, which is ${backoffMaxMs}`,
    'give a backoffMaxMs that is not less',
  )
}
