import type { EjectReason, Endpoint } from './endpoint.js'
import type { OutlierPolicy } from './outlier-policy.js'

/** An endpoint that did worse than the others in an interval. */
export interface RateOutlier {
  readonly endpoint: Endpoint
  readonly reason: EjectReason
}

/**
 * Who did so badly in the interval that has just ended that he is to be ejected, the worst first (Envoy's two rules):
 *
 * - `success-rate`: among at least 5 endpoints of at least 100 calls each, a success rate below the mean of all less
 *   1.9 standard deviations. It finds who is worse than his fellows, and nobody when all are equally bad.
 * - `failure-share`: 85 % or more of at least 50 calls failed, if at least 5 endpoints had so many.
 */
export function rateOutliers(endpoints: readonly Endpoint[], policy: OutlierPolicy): RateOutlier[] {
  const found = new Map<Endpoint, EjectReason>()
  for (const endpoint of belowTheOthers(endpoints, policy)) found.set(endpoint, 'success-rate')
  for (const endpoint of mostlyFailing(endpoints, policy)) found.set(endpoint, 'failure-share')
  return [...found]
    .map(([endpoint, reason]) => ({ endpoint, reason }))
    .toSorted((a, b) => successRate(a.endpoint) - successRate(b.endpoint))
}

function belowTheOthers(endpoints: readonly Endpoint[], policy: OutlierPolicy): Endpoint[] {
  const { successRateFactor, successRateCalls, successRateEndpoints } = policy
  if (successRateFactor === 0) return []
  const judged = endpoints.filter(({ windowCalls }) => windowCalls >= successRateCalls)
  if (judged.length < successRateEndpoints) return []
  const rates = judged.map(successRate)
  const mean = sum(rates) / rates.length
  const deviation = Math.sqrt(sum(rates.map((rate) => (rate - mean) ** 2)) / rates.length)
  const least = mean - successRateFactor * deviation
  return judged.filter((endpoint) => successRate(endpoint) < least)
}

function mostlyFailing(endpoints: readonly Endpoint[], policy: OutlierPolicy): Endpoint[] {
  const { failureShare, failureShareCalls, failureShareEndpoints } = policy
  if (failureShare === 0) return []
  const judged = endpoints.filter(({ windowCalls }) => windowCalls >= failureShareCalls)
  if (judged.length < failureShareEndpoints) return []
  return judged.filter(({ windowCalls, windowFailures }) => windowFailures / windowCalls >= failureShare)
}

function successRate({ windowCalls, windowFailures }: Endpoint): number {
  return 1 - windowFailures / windowCalls
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
