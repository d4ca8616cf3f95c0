import { isRollcallError } from '../../errors.js'
import type { DropReason } from '../call-events.js'
import { once } from '../once.js'
import type { Repeated } from '../repeats.js'
import { Run } from '../run.js'

/**
 * One attempt; on an error `fallback` at once, and the call is repeated in the background: for what may come late,
 * such as a notification.
 *
 * - Every `everyMs`, at most `times` times, each with a deadline of its own. The balancer chooses anew each time.
 * - Only what is safe to do again: what surely never left, and all failures if `idempotent`; nor what no repetition would
 *   mend, such as a 404. These are dropped at once.
 * - At most `queue` calls of a view wait; when it is closed, these are dropped. All that is dropped is told: `call.dropped`.
 * - Outcomes are counted as of any call. Repetitions do not draw on the retry budget: `queue` and `everyMs` bound them.
 * - `signal` ends the repetitions as well: don't give one that ends with a request.
 */
export async function failback<T>(run: Run<T>): Promise<T> {
  const result = await once(run)
  if (result.ok) return result.value
  const { plan, tools } = run
  tools.counts.fallbacks++
  tools.repeats.add(
    {
      everyMs: plan.everyMs,
      times: plan.times,
      queue: plan.queue,
      signal: plan.signal,
      again: (repeat) => repeated(run, repeat),
    },
    result,
  )
  return plan.fallback as T
}

async function repeated<T>({ tools, source, fn, plan }: Run<T>, repeat: number): Promise<Repeated> {
  try {
    return await once(new Run(tools, fn, plan, source.clock.now(), repeat))
  } catch (error) {
    return { ok: false, error, drop: whyDropped(error, plan.signal) }
  }
}

function whyDropped(error: unknown, signal: AbortSignal | undefined): DropReason {
  if (isRollcallError(error, 'CLOSED')) return 'closed'
  return signal?.aborted ? 'aborted' : 'final'
}
