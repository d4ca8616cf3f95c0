import { again } from '../again.js'
import { attempt } from '../attempt.js'
import type { Run } from '../run.js'
import { lastWord } from '../last-word.js'

/**
 * Calls an instance, and again another one while that is safe and there is time (see `again`).
 *
 * - Tried again are requests that surely never left (connection refused, name unknown …), and all failures if
 *   `idempotent`. A timeout may have happened at the server.
 * - Endpoints that have failed come last.
 * - A result that is the instance's failure (see `classify`) is returned if no other attempt follows or another one
 *   can't be made.
 * - When all is lost: CALL_FAILED with every attempt in `attempts`, the last error as `cause`. Thrown as they are: the
 *   reason of the caller's abort, an AbortError of `fn`'s own, and an error that is an answer (a `status` below 500).
 */
export async function failover<T>(run: Run<T>): Promise<T> {
  let pick = run.firstPick() ?? (await run.waitForPick())
  for (;;) {
    const result = await attempt(run, pick).ended
    if (result.kind === 'answered') return result.value
    if (result.kind === 'over') throw result.error
    const next = await again(run, result)
    if (typeof next === 'string') return lastWord(run, result, next)
    if (result.kind === 'bad') result.discard()
    pick = next
  }
}
