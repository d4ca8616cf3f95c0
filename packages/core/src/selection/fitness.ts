import type { Endpoint } from './endpoint.js'

/**
 * What is thought of an endpoint, its status aside:
 *
 * - `fit`: nothing speaks against it.
 * - `suspect`: ejected for how it answered (or its trial call is under way), or its probes fail.
 * - `doubtful`: it refused a connection, or is held against the store's word and did not answer; one witness against it
 *   that spreading calls won't refute, so that it is not part of panic's arithmetic.
 * - `gone`: both of these.
 */
export type Fitness = 'fit' | 'suspect' | 'doubtful' | 'gone'

export function fitnessOf(endpoint: Endpoint, now: number): Fitness {
  const isOut = isEjected(endpoint, now)
  const isRefusing = isOut && endpoint.ejectedFor === 'refused'
  const missing = isMissing(endpoint)
  if (missing && isRefusing) return 'gone'
  if (missing || isRefusing) return 'doubtful'
  return isOut || endpoint.probed === 'failing' ? 'suspect' : 'fit'
}

/** Whether it is up, weighty and beyond all doubt, now and later: then nobody need look at it again. */
export function isPlain({ instance, ejectedFor, held, probed }: Endpoint): boolean {
  return (
    ejectedFor === undefined &&
    !held &&
    probed !== 'failing' &&
    instance.weight > 0 &&
    instance.status === 'up'
  )
}

export function isEjected(endpoint: Endpoint, now: number): boolean {
  return endpoint.ejectedFor !== undefined && now < endpoint.ejectedUntil
}

/** Held against the store's word, and silent to whoever asked last: two witnesses say that it is gone. */
export function isMissing({ held, consecutiveFailures, probed }: Endpoint): boolean {
  return held && (consecutiveFailures > 0 || probed === 'failing')
}
