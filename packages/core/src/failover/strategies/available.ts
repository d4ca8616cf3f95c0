import type { Endpoint } from '../../selection/endpoint.js'
import type { Pick } from '../../selection/pick.js'
import type { CallSource } from '../call-source.js'
import { isNobody, type Run } from '../run.js'
import { failover } from './failover.js'

/**
 * Failover without balancing: the first candidate in the order of the set (of the nearest priority, and not of a small
 * canary) that has room for a call, and on failure the next. All callers that see the same set call the same instance while it is well: for what has a leader, or a
 * warm cache.
 */
export function available<T>(run: Run<T>): Promise<T> {
  run.choose = firstInOrder
  return failover(run)
}

function firstInOrder(source: CallSource, tried: ReadonlySet<Endpoint> | undefined): Pick {
  const candidates = source.candidates()
  const untried = tried ? candidates.filter((endpoint) => !tried.has(endpoint)) : candidates
  let error: unknown
  for (const endpoint of untried.length > 0 ? untried : candidates) {
    try {
      return source.acquireAt(endpoint)
    } catch (thrown) {
      if (!isNobody(thrown)) throw thrown
      error = thrown
    }
  }
  throw error
}
