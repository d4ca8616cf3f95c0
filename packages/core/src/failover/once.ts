import { isRollcallError } from '../errors.js'
import { attempt } from './attempt.js'
import type { DropReason } from './call-events.js'
import { oneAttempt } from './last-word.js'
import type { Run } from './run.js'

/** What came of one attempt. */
export type Once<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** CALL_FAILED for a failure of the instance; as it was for all else. */
      readonly error: unknown
      /** Why it must not be repeated, if it must not. */
      readonly drop: DropReason | undefined
    }

/**
 * One attempt, whose failure the caller is not to notice; a result that is the instance's failure is one. Rejects all the
 * same when the caller hangs up, the view is closed, or options or balancer are wrong: that is no fault of an instance.
 */
export async function once<T>(run: Run<T>): Promise<Once<T>> {
  const { signal } = run.plan
  try {
    const result = await attempt(run, run.firstPick() ?? (await run.waitForPick())).ended
    switch (result.kind) {
      case 'answered':
        return { ok: true, value: result.value }
      case 'bad':
        result.discard()
        break
      case 'over':
        if (signal?.aborted || isOwnFault(result.error)) throw result.error
        return { ok: false, error: result.error, drop: 'final' }
      case 'lost':
    }
    const isSafe = run.plan.idempotent || result.unsent
    return { ok: false, error: run.failed(oneAttempt), drop: isSafe ? undefined : 'unsafe' }
  } catch (error) {
    if (signal?.aborted || isOwnFault(error)) throw error
    // Nobody was asked yet.
    return { ok: false, error, drop: undefined }
  }
}

function isOwnFault(error: unknown): boolean {
  return (
    isRollcallError(error, 'BAD_OPTION') ||
    isRollcallError(error, 'BAD_BALANCER') ||
    isRollcallError(error, 'CLOSED')
  )
}
