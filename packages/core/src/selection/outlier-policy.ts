import { badOption, type OptionsOf } from '../options.js'
import { settingsOf } from '../settings.js'

/** What `outlier` takes; documentation and checks are made of it. */
export const outlierOptions = {
  failures: {
    type: 'number',
    integer: true,
    min: 0,
    max: 1_000_000,
    default: 5,
    about: 'failures in a row that eject; 0 turns the rule off',
  },
  successRateFactor: {
    type: 'number',
    min: 0,
    max: 100,
    default: 1.9,
    about: 'a success rate this many standard deviations below the mean ejects; 0 turns the rule off',
  },
  successRateCalls: {
    type: 'number',
    integer: true,
    min: 1,
    max: 1_000_000_000,
    default: 100,
    about: 'calls in an interval before an endpoint has a success rate',
  },
  successRateEndpoints: {
    type: 'number',
    integer: true,
    min: 1,
    max: 1_000_000,
    default: 5,
    about: 'endpoints with a success rate before these are compared',
  },
  failureShare: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.85,
    about: 'the share of failed calls in an interval that ejects; 0 turns the rule off',
  },
  failureShareCalls: {
    type: 'number',
    integer: true,
    min: 1,
    max: 1_000_000_000,
    default: 50,
    about: 'calls in an interval before the share of failed ones is judged',
  },
  failureShareEndpoints: {
    type: 'number',
    integer: true,
    min: 1,
    max: 1_000_000,
    default: 5,
    about: 'endpoints with so many calls before their shares are judged',
  },
  intervalMs: {
    type: 'number',
    min: 1,
    max: 86_400_000,
    default: 10_000,
    about: 'how often rates are judged; in service for so long, an ejection is forgotten',
  },
  baseMs: {
    type: 'number',
    min: 1,
    max: 86_400_000,
    default: 30_000,
    about: 'how long the first ejection lasts; the n-th in a row n times as long',
  },
  longestMs: {
    type: 'number',
    min: 1,
    max: 86_400_000,
    default: 300_000,
    about: 'how long an ejection lasts at most',
  },
  maxShare: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.5,
    about: 'the largest share of the endpoints that suspicion may take out',
  },
} as const

/** Settings of outlier detection; those left out have their defaults. */
export type OutlierOptions = { -readonly [K in keyof OutlierPolicy]?: OutlierPolicy[K] }

export type OutlierPolicy = OptionsOf<typeof outlierOptions>

export const defaultOutlierPolicy: OutlierPolicy = outlierPolicy({})

/**
 * The policy of the options. `false` suspects nobody; a refused connection, being a fact, still takes an endpoint out.
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function outlierPolicy(options: OutlierOptions | false): OutlierPolicy {
  if (options === false)
    return { ...defaultOutlierPolicy, failures: 0, successRateFactor: 0, failureShare: 0 }
  const policy = settingsOf('outlier', outlierOptions, options)
  if (policy.baseMs > policy.longestMs) {
    const wrong = `is ${policy.baseMs}, more than outlier.longestMs of ${policy.longestMs}`
    throw badOption('outlier.baseMs', wrong, 'make it less, or longestMs more')
  }
  return policy
}

/** How long the n-th ejection in a row lasts: 30 s for the first, 60 s for the second, at most 300 s (Envoy's defaults). */
export function ejectionMs(times: number, { baseMs, longestMs }: OutlierPolicy): number {
  return Math.min(baseMs * times, longestMs)
}

/** Ejections in a row are forgotten one by one, for every interval in service. */
export function decayed(times: number, inServiceMs: number, { intervalMs }: OutlierPolicy): number {
  return Math.max(0, times - Math.floor(inServiceMs / intervalMs))
}

/**
 * Whether one more of `pool` endpoints may be ejected on suspicion while `suspects` already are: at most `maxShare` of
 * them, rounded down, but one of two or more unless it is 0. By default, half: so never the only one, one of two or
 * three, two of four or five. Envoy's 10 % would eject hardly anybody in the small sets that most services are.
 */
export function mayEject(suspects: number, pool: number, { maxShare }: OutlierPolicy): boolean {
  const least = maxShare > 0 && pool >= 2 ? 1 : 0
  return suspects + 1 <= Math.min(pool - 1, Math.max(least, Math.floor(pool * maxShare)))
}
