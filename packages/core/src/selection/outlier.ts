import type { EjectReason, Endpoint, Standing } from './endpoint.js'
import type { Outcome } from './outcome.js'
import { failuresToEject } from './outlier-policy.js'

/** What an outcome means for its endpoint. `tryAgain`: the trial told nothing, another may begin at once. */
export type Verdict = EjectReason | 'giveBack' | 'tryAgain' | 'none'

/**
 * Passive outlier detection, in numbers compared with `now`: no timers. Called after `endpoint.record(outcome)`.
 *
 * - Not ejected: a refused connection ejects at once, five failures in a row eject if `mayEject` agrees.
 * - Ejected: a call that began before the ejection is no news of what came after it, save that a refusal makes a
 *   fact of a suspicion. A success of any later call gives the endpoint back; only a failed trial ejects again, so
 *   that calls made for want of others don't prolong it without end.
 */
export function judge(
  endpoint: Endpoint,
  outcome: Outcome,
  began: Standing,
  mayEject: (endpoint: Endpoint) => boolean,
): Verdict {
  return endpoint.ejectedFor === undefined
    ? judgeInService(endpoint, outcome, mayEject)
    : judgeEjected(endpoint.ejectedFor, outcome, began)
}

function judgeInService(
  endpoint: Endpoint,
  outcome: Outcome,
  mayEject: (endpoint: Endpoint) => boolean,
): Verdict {
  if (outcome === 'refused') return 'refused'
  const tooMany = outcome === 'failed' && endpoint.consecutiveFailures >= failuresToEject
  return tooMany && mayEject(endpoint) ? 'failures' : 'none'
}

function judgeEjected(reason: EjectReason, outcome: Outcome, began: Standing): Verdict {
  if (outcome === 'ok') return began === 'sound' ? 'none' : 'giveBack'
  if (outcome === 'cancelled') return began === 'trial' ? 'tryAgain' : 'none'
  if (began === 'trial') return outcome === 'refused' ? 'refused' : 'failures'
  return outcome === 'refused' && reason === 'failures' ? 'refused' : 'none'
}
