import type { EjectReason, Endpoint, Standing } from './endpoint.js'
import type { Outcome } from './outcome.js'
import type { OutlierPolicy } from './outlier-policy.js'

/**
 * What an outcome means for its endpoint: eject it for a reason, or give it back. `tryAgain`: the trial told nothing,
 * another may begin at once. `confirm`: ejected on suspicion, it is now known to refuse.
 */
export type Consequence = EjectReason | 'giveBack' | 'tryAgain' | 'confirm' | 'none'

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
  policy: OutlierPolicy,
  mayEject: () => boolean,
): Consequence {
  return endpoint.ejectedFor === undefined
    ? judgeInService(endpoint, outcome, policy, mayEject)
    : judgeEjected(endpoint, outcome, began, policy, mayEject)
}

function judgeInService(
  endpoint: Endpoint,
  outcome: Outcome,
  { failures }: OutlierPolicy,
  mayEject: () => boolean,
): Consequence {
  if (outcome === 'refused') return 'refused'
  const isBad = outcome === 'failed' || outcome === 'overtaken'
  const tooMany = isBad && failures > 0 && endpoint.consecutiveFailures >= failures
  return tooMany && mayEject() ? 'failures' : 'none'
}

function judgeEjected(
  endpoint: Endpoint,
  outcome: Outcome,
  began: Standing,
  policy: OutlierPolicy,
  mayEject: () => boolean,
): Consequence {
  if (outcome === 'ok') return began === 'sound' ? 'none' : 'giveBack'
  if (outcome === 'cancelled') return began === 'trial' ? 'tryAgain' : 'none'
  if (began === 'trial') return outcome === 'refused' ? 'refused' : failedTrial(endpoint, policy, mayEject)
  return outcome === 'refused' && endpoint.ejectedFor !== 'refused' ? 'confirm' : 'none'
}

/**
 * A suspect stays one. Whoever refused becomes one, now that it answers badly, if there may be one more. A pause was no
 * fault: after it, failures count as they do in service.
 */
function failedTrial(endpoint: Endpoint, policy: OutlierPolicy, mayEject: () => boolean): Consequence {
  const { ejectedFor: reason } = endpoint
  if (reason === 'refused') return policy.failures > 0 && mayEject() ? 'failures' : 'giveBack'
  if (reason !== 'busy') return reason ?? 'none'
  return judgeInService(endpoint, 'failed', policy, mayEject) === 'failures' ? 'failures' : 'giveBack'
}
