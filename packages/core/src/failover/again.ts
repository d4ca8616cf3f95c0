import { sleep } from '../clock.js'
import type { Pick } from '../selection/pick.js'
import type { Unanswered } from './attempt.js'
import { backoffMs } from './backoff.js'
import type { Run } from './run.js'

/**
 * The pick of another attempt, after the pause that it needs; or in words why there is none.
 *
 * - The first retry goes to a new endpoint at once, for a dead instance should cost its callers nothing; so does one after
 *   a Retry-After, which concerns nobody else. Before any other retry there is a pause.
 * - When nobody else is left after a Retry-After, the pause is as long as that.
 * - A refusal by an instance in service until then is news that each instance can bring once: retries after it neither
 *   use up attempts, while there are others to try, nor draw on the budget. Of a machine's ten instances that die with
 *   it, each is found out by some call, and none of the calls fails.
 */
export async function again<T>(run: Run<T>, failure: Unanswered<T>): Promise<Pick | string> {
  const { plan, failures } = run
  const isUsedUp = failures.length >= plan.attempts
  if (isUsedUp && !mayExceed(run)) return attemptsUsed(run)
  if (!plan.idempotent && !failure.unsent) return mayHaveHappened
  if (!failure.isNews && !run.draw()) return 'its retry budget being used up'
  if (failures.length === 1 || isUsedUp || failure.hasRetryAfter) {
    const pick = someoneNew(run)
    if (pick) return counted(run, pick)
    if (isUsedUp) return attemptsUsed(run)
  }
  return afterPause(run, failure)
}

const mayHaveHappened = 'and may have happened, so that it was not tried again (only `idempotent` calls are)'

function attemptsUsed<T>({ plan: { attempts } }: Run<T>): string {
  return attempts === 1 ? 'its one attempt being used' : `its ${attempts} attempts being used`
}

function mayExceed<T>({ plan, failures, refusals }: Run<T>): boolean {
  return plan.attempts > 1 && failures.length - refusals < plan.attempts
}

function counted<T>({ tools }: Run<T>, pick: Pick | string): Pick | string {
  if (typeof pick !== 'string') tools.counts.retries++
  return pick
}

/** A pick of an endpoint that has not failed; or in words why there is not even one that has. */
function someoneNew<T>(run: Run<T>): Pick | string | undefined {
  const pick = run.acquireAgain()
  if (typeof pick === 'string') return run.pauseLeftMs(run.source.clock.now()) > 0 ? undefined : pick
  if (!run.tried?.has(pick.endpoint)) return pick
  pick.done('cancelled')
  return undefined
}

// A timer may go off a little before its time by the clock.
const earlyMs = 1

async function afterPause<T>(run: Run<T>, { hasRetryAfter }: Unanswered<T>): Promise<Pick | string> {
  const { plan, failures, deadline, source } = run
  const now = source.clock.now()
  const backoff = backoffMs(plan, failures.length, source.random)
  const wanted = hasRetryAfter ? run.pauseLeftMs(now) + earlyMs : 0
  if (now + Math.max(backoff, wanted) >= deadline) {
    return wanted > backoff
      ? `a Retry-After outlasting its deadline of ${plan.deadlineMs} ms`
      : `its deadline of ${plan.deadlineMs} ms being over`
  }
  await sleep(source.clock, Math.max(backoff, wanted), plan.signal)
  return counted(run, run.acquireAgain())
}
