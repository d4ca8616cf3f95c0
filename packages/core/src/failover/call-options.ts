import type { Key } from '../selection/key.js'
import type { Classify } from './classify.js'

/**
 * What a call does about failure. See `strategies/` for each:
 *
 * - `failover` (the default): tries again on another instance while that is safe and there is time.
 * - `failfast`: one attempt, and its error at once.
 * - `failsafe`: one attempt; an error is told as the event `call.failsafe`, and `fallback` returned.
 * - `failback`: one attempt; on an error returns `fallback` at once and repeats in the background.
 * - `forking`: asks several instances at once; the first success wins. Needs `idempotent`.
 * - `hedging`: asks a second instance once the first is slow; the first success wins. Needs `idempotent`.
 * - `broadcast`: asks all instances.
 * - `available`: the first instance in the order of the set, no balancing; like failover the next if it fails.
 */
export type StrategyName = (typeof strategyNames)[number]

export const strategyNames = [
  'failover',
  'failfast',
  'failsafe',
  'failback',
  'forking',
  'hedging',
  'broadcast',
  'available',
] as const

export interface CallOptions<T, F = never> {
  /** What to do about failure: see `StrategyName`. `failover` by default. */
  strategy?: StrategyName
  /** Whether doing it twice does no harm: then it is tried again after any failure. False by default. */
  idempotent?: boolean
  /** What the balancer is to keep together, if it goes by keys. 1 and '1' are the same. */
  key?: Key
  /** Milliseconds for one attempt, 2000 by default. */
  attemptTimeoutMs?: number
  /** Milliseconds for all of it: waiting for the first snapshot, the attempts, the pauses. 10000 by default. */
  deadlineMs?: number
  /** Says whether a result is `ok` or the instance's failure; by default a numeric `status` of 500 or more is. */
  classify?: Classify<T>
  /** Ends the call: it rejects with the signal's reason, and the instance is not blamed. */
  signal?: AbortSignal
  /**
   * failover, available, hedging: how often it is tried at most, the first time and hedges included; 3 by default. An
   * instance that turns out to refuse connections uses up none while others are untried, unless this is 1.
   */
  attempts?: number
  /** failover, available, hedging: the pause before a retry is up to this, doubled each time. 25 by default. */
  backoffBaseMs?: number
  /** failover, available, hedging: the longest pause before a retry, 250 by default. */
  backoffMaxMs?: number
  /** forking: how many instances are asked at once, 2 by default. */
  forks?: number
  /** hedging: how many more instances may be asked for want of an answer, 1 by default. */
  hedges?: number
  /**
   * hedging: milliseconds without an answer after which the next instance is asked. By default the time within which
   * 95 % of the view's recent calls succeeded; half of `attemptTimeoutMs` while fewer than 20 are known.
   */
  hedgeAfterMs?: number
  /** broadcast: how many of the instances must succeed, as a share; 1 by default: all. */
  share?: number
  /** failsafe, failback: what is returned on an error. Needed there, and may be undefined. */
  fallback?: F
  /** failback: milliseconds between a failure and the repetition, 5000 by default. */
  everyMs?: number
  /** failback: how often it is repeated at most, 3 by default. */
  times?: number
  /** failback: how many calls of the view may wait for repetition at most, 100 by default; 0: none. */
  queue?: number
}

/** What a service's calls have for options unless a call says otherwise. */
export type CallDefaults = Omit<CallOptions<never, unknown>, 'key' | 'signal'>

/** What `call` takes; documentation and checks are made of it. Beyond 2^31 - 1 ms setTimeout fires at once. */
export const callOptions = {
  strategy: { type: 'string', default: 'failover', about: 'what to do about failure' },
  idempotent: { type: 'boolean', default: false, about: 'doing it twice does no harm' },
  key: { type: 'value', about: 'what the balancer is to keep together' },
  attemptTimeoutMs: {
    type: 'number',
    default: 2000,
    min: 1,
    max: 2_147_483_647,
    about: 'time for one attempt',
  },
  deadlineMs: {
    type: 'number',
    default: 10_000,
    min: 1,
    max: 2_147_483_647,
    about: 'time for the whole call',
  },
  classify: { type: 'value', about: 'says whether a result is ok or failed' },
  signal: { type: 'value', about: 'ends the call' },
  attempts: {
    type: 'number',
    default: 3,
    min: 1,
    max: 100,
    integer: true,
    about: 'how often it is tried at most',
  },
  backoffBaseMs: { type: 'number', default: 25, min: 0, max: 60_000, about: 'the first pause, at most' },
  backoffMaxMs: { type: 'number', default: 250, min: 0, max: 600_000, about: 'the longest pause' },
  forks: { type: 'number', default: 2, min: 2, max: 10, integer: true, about: 'how many are asked at once' },
  hedges: { type: 'number', default: 1, min: 1, max: 10, integer: true, about: 'how many more are asked' },
  hedgeAfterMs: {
    type: 'number',
    min: 0,
    max: 2_147_483_647,
    about: 'time without an answer before a hedge',
  },
  share: { type: 'number', default: 1, min: 0.01, max: 1, about: 'how many must succeed' },
  fallback: { type: 'value', about: 'what is returned on an error' },
  everyMs: { type: 'number', default: 5000, min: 1, max: 2_147_483_647, about: 'time before a repetition' },
  times: { type: 'number', default: 3, min: 1, max: 1000, integer: true, about: 'how often it is repeated' },
  queue: { type: 'number', default: 100, min: 0, max: 100_000, integer: true, about: 'how many may wait' },
} as const

export type CallOptionName = keyof typeof callOptions

const retrying: readonly StrategyName[] = ['failover', 'available', 'hedging']

/** Whose an option is, where it is not everybody's. */
export const belongsTo: { readonly [K in CallOptionName]?: readonly StrategyName[] } = {
  attempts: retrying,
  backoffBaseMs: retrying,
  backoffMaxMs: retrying,
  forks: ['forking'],
  hedges: ['hedging'],
  hedgeAfterMs: ['hedging'],
  share: ['broadcast'],
  fallback: ['failsafe', 'failback'],
  everyMs: ['failback'],
  times: ['failback'],
  queue: ['failback'],
  key: ['failover', 'failfast', 'failsafe', 'failback', 'forking', 'hedging'],
}
