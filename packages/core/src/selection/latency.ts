import type { Endpoint } from './endpoint.js'
import type { Outcome } from './outcome.js'
import { thousandLn } from './thousand-ln.js'

// A failure counts as this many times the usual round trip: whoever fails fast must not look fast, and who goes on
// failing looks ever slower.
const failureFactor = 3

const longestMs = 60_000

// A first call that was cut off at once, as a retry's second thought is, would make its endpoint the fastest of all.
const briefMs = 10

// 0 stands for no history; and an average must have a logarithm.
const shortestMs = 0.001

/** The slowness of an endpoint without history. */
export const unmeasured: number = -(2 ** 30)

/**
 * Takes a round trip into the endpoint's peak EWMA (Finagle's): one above the average replaces it at once, one below
 * moves it the further the longer ago the last one was, by e^(-elapsed / decayMs).
 *
 * A call that was cancelled took at least so long: it may raise the average, never lower it, and begins none by less than
 * 10 ms.
 *
 * Leaves `slowness` for those who compare: 1000 * (ln averageMs + averagedAt / decayMs), to within 1. An average fades while
 * nothing is measured, so that an idle endpoint is tried again. How far it has, by now, would take a look at the clock,
 * twice as long as all the rest of a choice. But all fade by the same factor, e^(-elapsed / decayMs): which of two is
 * slower never changes by it, and of what they were at any one moment, this is the logarithm. Being a small integer
 * (with 10 s to decay, for 248 days), it lies in the endpoint itself, where V8 would keep a fraction in a box of its own.
 */
export function observe(
  endpoint: Endpoint,
  tookMs: number,
  outcome: Outcome,
  now: number,
  decayMs: number,
): void {
  const before = endpoint.averageMs
  const isFailure = outcome === 'failed' || outcome === 'refused'
  const ms = Math.max(shortestMs, isFailure ? Math.max(tookMs, longerThan(before)) : tookMs)
  if (ms < before && outcome !== 'ok') return
  if (before === 0 && outcome !== 'ok' && !isFailure && tookMs < briefMs) return
  const kept = ms < before ? Math.exp((endpoint.averagedAt - now) / decayMs) : 0
  endpoint.averageMs = before * kept + ms * (1 - kept)
  endpoint.averagedAt = now
  endpoint.slowness = Math.round(thousandLn(endpoint.averageMs) + (1000 * now) / decayMs)
}

function longerThan(averageMs: number): number {
  return Math.min(longestMs, averageMs * failureFactor)
}

/** The average as of `now`: it fades while nothing is measured, so that an idle endpoint is tried again. */
export function averageAt({ averageMs, averagedAt }: Endpoint, now: number, decayMs: number): number {
  return averageMs === 0 ? 0 : averageMs * Math.exp((averagedAt - now) / decayMs)
}
