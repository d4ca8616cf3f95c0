import type { Endpoint } from './endpoint.js'
import type { Outcome } from './outcome.js'

// A failure counts as this many times the usual round trip: whoever fails fast must not look fast, and who goes on
// failing looks ever slower.
const failureFactor = 3

const longestMs = 60_000

/**
 * Takes a round trip into the endpoint's peak EWMA (Finagle's): one above the average replaces it at once, one below
 * moves it the further the longer ago the last one was, by e^(-elapsed / decayMs).
 *
 * A call that was cancelled took at least so long: it may raise the average, never lower it.
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
  const ms = isFailure ? Math.max(tookMs, Math.min(longestMs, before * failureFactor)) : tookMs
  if (ms < before) {
    if (outcome !== 'ok') return
    const kept = Math.exp((endpoint.averagedAt - now) / decayMs)
    endpoint.averageMs = before * kept + ms * (1 - kept)
  } else endpoint.averageMs = ms
  endpoint.averagedAt = now
}

/** The average as of `now`: it fades while nothing is measured, so that an idle endpoint is tried again. */
export function averageAt({ averageMs, averagedAt }: Endpoint, now: number, decayMs: number): number {
  return averageMs === 0 ? 0 : averageMs * Math.exp((averagedAt - now) / decayMs)
}
