import { badOption, show } from './options.js'
import { settingsOf } from './settings.js'

/**
 * A service's own check of itself. False or a throw is bad, true or nothing is good. It should end when the signal is
 * aborted: its time is up.
 */
export type HealthCheck = (context: {
  readonly signal: AbortSignal
}) => boolean | void | Promise<boolean | void>

/** What `health` takes beside a bare function. At least one of `check` and `maxLagMs` is needed. */
export interface HealthOptions {
  check?: HealthCheck
  /** How often; by default a third of the registry's `ttlMs`, as often as the heartbeat. */
  everyMs?: number
  /** One check takes at most this long, 1,000 by default; then it was bad. */
  timeoutMs?: number
  /** Bad results in a row after which the instance is announced `down`, 3 by default. */
  unhealthyAfter?: number
  /** Good results in a row after which it is announced as before, 2 by default. */
  healthyAfter?: number
  /**
   * How late the event loop may run, at worst since the last look, in milliseconds. More is a bad result. Not measured by
   * default.
   */
  maxLagMs?: number
}

/** The options with their defaults. */
export interface HealthPlan {
  readonly check: HealthCheck | undefined
  readonly everyMs: number
  readonly timeoutMs: number
  readonly unhealthyAfter: number
  readonly healthyAfter: number
  readonly maxLagMs: number | undefined
}

/** What `health` takes when it is an object; documentation and checks are made of it. */
export const healthOptions = {
  check: { type: 'value', about: "the service's own check of itself" },
  everyMs: { type: 'number', min: 10, max: 86_400_000, about: 'how often it is checked' },
  timeoutMs: { type: 'number', default: 1_000, min: 1, max: 600_000, about: 'time for one check' },
  unhealthyAfter: {
    type: 'number',
    integer: true,
    default: 3,
    min: 1,
    max: 100,
    about: 'bad results in a row after which it is announced down',
  },
  healthyAfter: {
    type: 'number',
    integer: true,
    default: 2,
    min: 1,
    max: 100,
    about: 'good results in a row after which it is announced as before',
  },
  maxLagMs: { type: 'number', min: 1, max: 86_400_000, about: 'how late the event loop may run' },
} as const

/** Reads what `health` was given. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function planHealth(health: HealthCheck | HealthOptions, ttlMs: number): HealthPlan {
  if (typeof health !== 'function' && (typeof health !== 'object' || health === null)) {
    throw badOption(
      'health',
      `is ${show(health)}`,
      'give a function, or an object with `check` or `maxLagMs`',
    )
  }
  const given = typeof health === 'function' ? { check: health } : health
  const { everyMs = ttlMs / 3, check, maxLagMs, ...counts } = settingsOf('health', healthOptions, given)
  if (check !== undefined && typeof check !== 'function') {
    throw badOption('health.check', `is ${show(check)}`, 'give a function')
  }
  if (check === undefined && maxLagMs === undefined) {
    throw badOption('health', 'checks nothing', 'give `check`, `maxLagMs` or both')
  }
  return { ...counts, everyMs, check: check as HealthCheck | undefined, maxLagMs }
}
