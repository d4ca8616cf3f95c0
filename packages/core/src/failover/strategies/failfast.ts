import { attempt } from '../attempt.js'
import { lastWord, oneAttempt } from '../last-word.js'
import type { Run } from '../run.js'

/** One attempt, and what comes of it at once: for writes that must not be done twice. Errors are failover's. */
export async function failfast<T>(run: Run<T>): Promise<T> {
  const result = await attempt(run, run.firstPick() ?? (await run.waitForPick())).ended
  if (result.kind === 'answered') return result.value
  if (result.kind === 'over') throw result.error
  return lastWord(run, result, oneAttempt)
}
