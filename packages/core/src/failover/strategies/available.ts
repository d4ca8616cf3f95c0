import type { Run } from '../run.js'
import { failover } from './failover.js'

/**
 * Failover without balancing: the first candidate in the order of the set, and on failure the next in order. All callers
 * that see the same set call the same instance while it is well: for what has a leader, or a warm cache. See
 * `Run.acquire` for the order.
 */
export function available<T>(run: Run<T>): Promise<T> {
  return failover(run)
}
