import type { Unanswered } from './attempt.js'
import type { Run } from './run.js'

/** What a call comes to when no attempt follows: a result that is a failure is returned, all else is CALL_FAILED. */
export function lastWord<T>(run: Run<T>, failure: Unanswered<T>, why: string): T {
  if (failure.kind === 'bad') return failure.value
  throw run.failed(why)
}

export const oneAttempt = 'its one attempt being used'
