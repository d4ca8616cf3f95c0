import { badOption, checkOption, show, unknownOption } from '../options.js'
import { byStatus, type Classify } from './classify.js'

export interface CallOptions<T> {
  /** Whether doing it twice does no harm: then it is tried again after any failure. False by default. */
  idempotent?: boolean
  /** Milliseconds for one attempt, 2000 by default. */
  attemptTimeoutMs?: number
  /** Milliseconds for all of it: waiting for the first snapshot, the attempts, the pauses. 10000 by default. */
  deadlineMs?: number
  /**
   * How often it is tried at most, the first time included; 3 by default. An instance that turns out to refuse
   * connections uses up none while others are untried, unless this is 1.
   */
  attempts?: number
  /** Says whether a result is `ok` or the instance's failure; by default a numeric `status` of 500 or more is. */
  classify?: Classify<T>
  /** Ends the call: it rejects with the signal's reason, and the instance is not blamed. */
  signal?: AbortSignal
}

/** The options with their defaults. */
export interface CallPlan<T> {
  readonly idempotent: boolean
  readonly attemptTimeoutMs: number
  readonly deadlineMs: number
  readonly attempts: number
  readonly classify: Classify<T>
  readonly signal: AbortSignal | undefined
}

/** What `call` takes; documentation and checks are made of it. Beyond 2^31 - 1 ms setTimeout fires at once. */
export const callOptions = {
  idempotent: { type: 'boolean', default: false, about: 'doing it twice does no harm' },
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
  attempts: {
    type: 'number',
    default: 3,
    min: 1,
    max: 100,
    integer: true,
    about: 'how often it is tried at most',
  },
  classify: { type: 'value', about: 'says whether a result is ok or failed' },
  signal: { type: 'value', about: 'ends the call' },
} as const

const known = Object.keys(callOptions)

/** Throws BAD_OPTION and UNKNOWN_OPTION. An option that is undefined is one not given. */
export function planCall<T>(options: CallOptions<T>): CallPlan<T> {
  if (typeof options !== 'object' || options === null)
    throw badOption('options', `is ${show(options)}`, 'give an object')
  for (const name in options) checkCallOption(name, options[name as keyof CallOptions<T>])
  return {
    idempotent: options.idempotent ?? callOptions.idempotent.default,
    attemptTimeoutMs: options.attemptTimeoutMs ?? callOptions.attemptTimeoutMs.default,
    deadlineMs: options.deadlineMs ?? callOptions.deadlineMs.default,
    attempts: options.attempts ?? callOptions.attempts.default,
    classify: options.classify ?? byStatus,
    signal: options.signal,
  }
}

function checkCallOption(name: string, value: unknown): void {
  if (!Object.hasOwn(callOptions, name)) throw unknownOption(name, known)
  if (value === undefined) return
  if (name === 'classify' && typeof value !== 'function') {
    throw badOption(name, `is ${show(value)}`, 'give a function')
  }
  if (name === 'signal' && !isSignal(value)) {
    throw badOption(name, `is ${show(value)}`, 'give an AbortSignal')
  }
  checkOption(name, callOptions[name as keyof typeof callOptions], value)
}

// By its looks: test runners give every file a realm, and so an AbortSignal, of its own.
function isSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}
