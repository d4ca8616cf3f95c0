import { once } from '../once.js'
import type { Run } from '../run.js'

/**
 * One attempt; on an error `fallback`, and the event `call.failsafe` with the error: for what must not break its caller,
 * such as an audit log. A result that is the instance's failure is an error too, and so are NO_INSTANCES, OVERLOADED and a
 * TIMEOUT of the first snapshot. Not so the caller's own abort, CLOSED, BAD_OPTION and BAD_BALANCER, which it rejects with.
 */
export async function failsafe<T>(run: Run<T>): Promise<T> {
  const result = await once(run)
  if (result.ok) return result.value
  run.tools.counts.fallbacks++
  run.source.report({ type: 'call.failsafe', error: result.error })
  return run.plan.fallback as T
}
