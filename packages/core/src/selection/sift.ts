import type { Endpoint } from './endpoint.js'
import type { InstanceStatus } from '../instance.js'

export interface Sifted {
  /** The candidates. May be the very array that was sifted. */
  readonly list: readonly Endpoint[]
  /** How many endpoints share the calls in good times: the candidates and the suspects. */
  readonly pool: number
  /** How many of the pool are ejected on suspicion. */
  readonly suspects: number
  /** When the first ejected endpoint may be tried again, by the clock's `now`; Infinity when none is ejected. */
  readonly nextReturn: number
}

/** Why an endpoint is no candidate. `failing`: ejected for failures, or its trial call is under way. */
export type ExclusionReason = 'down' | 'draining' | 'refused' | 'failing' | 'missing' | 'weight 0'

/**
 * Sifts out the endpoints worth calling at `now`:
 *
 * 1. Those that are `up`, and of these only those with a weight, if there are any.
 * 2. Not those ejected on suspicion (`failing`). When these are more than half of the pool (healthy ones left), the
 *    suspicion is no longer believed and all of it is used: panic, as Envoy has it at 50 %.
 * 3. Not those that refused a connection, however many: nobody listens there, so that spreading calls
 *    over them helps nobody. They don't count in panic's arithmetic.
 * 4. Not those held against the store's word whose last call failed: two witnesses say that they are gone.
 * 5. If nobody is left by then: the `draining`, by the same rules, since they still work until they close their port.
 * 6. If still nobody is left: whoever rules 3 and 4 took out, for a refusal is old news after a second, and a wrong
 *    try costs less than a certain error. Not those that are both missing and refusing.
 *
 * `down` ones never: their own health check, or their store, says that they can't serve.
 */
export function sift(endpoints: readonly Endpoint[], now: number): Sifted {
  if (areAllPlain(endpoints)) {
    return { list: endpoints, pool: endpoints.length, suspects: 0, nextReturn: Infinity }
  }
  const up = sortOut(endpoints, 'up', now)
  if (up.pool > 0) return settle(up)
  const draining = sortOut(endpoints, 'draining', now)
  if (draining.pool > 0) return settle(draining)
  const list = weighty(up.doubtful.length > 0 ? up.doubtful : draining.doubtful)
  return { list, pool: 0, suspects: 0, nextReturn: Math.min(up.nextReturn, draining.nextReturn) }
}

/** Why `endpoint` is not among the candidates at `now`. */
export function whyNot(endpoint: Endpoint, now: number): ExclusionReason {
  const { status } = endpoint.instance
  if (status === 'down') return 'down'
  const isOut = isEjected(endpoint, now)
  if (isOut && endpoint.ejectedFor === 'refused') return 'refused'
  if (isMissing(endpoint)) return 'missing'
  if (isOut) return 'failing'
  return status === 'draining' ? 'draining' : 'weight 0'
}

interface Sorted {
  readonly fit: Endpoint[]
  readonly suspect: Endpoint[]
  readonly doubtful: Endpoint[]
  readonly pool: number
  readonly nextReturn: number
}

function sortOut(endpoints: readonly Endpoint[], status: InstanceStatus, now: number): Sorted {
  const fit: Endpoint[] = []
  const suspect: Endpoint[] = []
  const doubtful: Endpoint[] = []
  let nextReturn = Infinity
  for (const endpoint of endpoints) {
    if (endpoint.instance.status !== status) continue
    const isOut = isEjected(endpoint, now)
    if (isOut && endpoint.ejectedUntil < nextReturn) nextReturn = endpoint.ejectedUntil
    const isRefusing = isOut && endpoint.ejectedFor === 'refused'
    const missing = isMissing(endpoint)
    if (!isOut && !missing) fit.push(endpoint)
    else if (isRefusing !== missing) doubtful.push(endpoint)
    else if (!missing) suspect.push(endpoint)
  }
  return { fit, suspect, doubtful, pool: fit.length + suspect.length, nextReturn }
}

function settle({ fit, suspect, pool, nextReturn }: Sorted): Sifted {
  const panic = suspect.length > fit.length
  const list = panic ? [...fit, ...suspect] : fit
  return { list: weighty(list), pool, suspects: suspect.length, nextReturn }
}

/** Those with a weight, or all when none has one. */
function weighty(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  let having = 0
  for (const { instance } of endpoints) if (instance.weight > 0) having++
  if (having === 0 || having === endpoints.length) return endpoints
  return endpoints.filter(({ instance }) => instance.weight > 0)
}

/** Whether all are up, weighty and unsuspected: then sifting copies nothing. */
function areAllPlain(endpoints: readonly Endpoint[]): boolean {
  for (const { instance, ejectedFor, held } of endpoints) {
    if (ejectedFor !== undefined || held || instance.weight === 0 || instance.status !== 'up') return false
  }
  return true
}

function isEjected(endpoint: Endpoint, now: number): boolean {
  return endpoint.ejectedFor !== undefined && now < endpoint.ejectedUntil
}

function isMissing(endpoint: Endpoint): boolean {
  return endpoint.held && endpoint.consecutiveFailures > 0
}
