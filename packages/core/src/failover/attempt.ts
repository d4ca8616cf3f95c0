import type { Clock } from '../clock.js'
import { RollcallError } from '../errors.js'
import type { Instance } from '../instance.js'
import type { Outcome } from '../selection/outcome.js'
import type { Pick } from '../selection/pick.js'
import type { CallPlan } from './call-options.js'
import { classified, isAbortError, isAnswer, statusOf } from './classify.js'
import { limited, type Ending } from './limited.js'
import { isRefused, isSurelyUnsent } from './retry-safety.js'

export interface CallContext {
  /** Aborted when the attempt's time is up or the caller hangs up; never once `fn` has settled. */
  readonly signal: AbortSignal
  /** 1 for the first. */
  readonly attempt: number
}

/** What a user calls an instance with. */
export type Callee<T> = (instance: Instance, context: CallContext) => T | PromiseLike<T>

/**
 * What an attempt came to. `answered`: done. `bad`: a result that is the instance's failure; `discard` ends what may
 * still be read of it. `lost`: no result. `over`: an error that no other attempt would mend.
 */
export type Attempt<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'bad'; readonly value: T; readonly error: unknown; discard(): void }
  | { readonly kind: 'lost'; readonly error: unknown; readonly unsent: boolean }
  | { readonly kind: 'over'; readonly error: unknown }

export interface AttemptTools<T> {
  readonly clock: Clock
  readonly plan: CallPlan<T>
  readonly number: number
  /** What the deadline leaves. */
  readonly leftMs: number
}

/** Calls `fn` once with the pick's instance, and ends the pick with what is to be learned from it. Never rejects. */
export async function attempt<T>(pick: Pick, fn: Callee<T>, tools: AttemptTools<T>): Promise<Attempt<T>> {
  const { clock, plan, number, leftMs } = tools
  const limitMs = Math.max(0, Math.min(plan.attemptTimeoutMs, leftMs))
  const late = (): unknown =>
    new RollcallError('TIMEOUT', `${pick.instance.id} gave no answer for ${Math.round(limitMs)} ms`)
  let own: AbortController | undefined
  const ending = await limited({ clock, limitMs, outer: plan.signal, late }, (controller) => {
    own = controller
    return fn(pick.instance, { signal: controller.signal, attempt: number })
  })
  const { outcome, result } = judge(ending, plan, limitMs, () => own?.abort(superseded()))
  pick.done(outcome)
  return result
}

interface Judged<T> {
  readonly outcome: Outcome
  readonly result: Attempt<T>
}

function judge<T>(ending: Ending<T>, plan: CallPlan<T>, limitMs: number, discard: () => void): Judged<T> {
  switch (ending.how) {
    case 'resolved':
      return judgeResult(ending.value, plan, discard)
    case 'rejected':
      return judgeError(ending.error)
    case 'late':
      return { outcome: lateOutcome(plan, limitMs), result: lost(ending.error, false) }
    case 'aborted':
      return { outcome: 'cancelled', result: over(ending.error) }
  }
}

function judgeResult<T>(value: T, { classify }: CallPlan<T>, discard: () => void): Judged<T> {
  try {
    if (classified(classify, value) === 'ok') return { outcome: 'ok', result: { kind: 'answered', value } }
  } catch (error) {
    return { outcome: 'cancelled', result: over(error) }
  }
  const status = statusOf(value)
  const error = new Error(
    status === undefined ? 'the answer was a failure' : `it answered with status ${status}`,
  )
  return { outcome: 'failed', result: { kind: 'bad', value, error, discard } }
}

function judgeError<T>(error: unknown): Judged<T> {
  if (isAbortError(error)) return { outcome: 'cancelled', result: over(error) }
  if (isAnswer(error)) return { outcome: 'ok', result: over(error) }
  return { outcome: isRefused(error) ? 'refused' : 'failed', result: lost(error, isSurelyUnsent(error)) }
}

/** An attempt that the deadline left less than half its time says nothing about the instance. */
function lateOutcome<T>({ attemptTimeoutMs, deadlineMs }: CallPlan<T>, limitMs: number): Outcome {
  return limitMs < Math.min(attemptTimeoutMs, deadlineMs) / 2 ? 'cancelled' : 'failed'
}

function lost(error: unknown, unsent: boolean): { kind: 'lost'; error: unknown; unsent: boolean } {
  return { kind: 'lost', error, unsent }
}

function over(error: unknown): { kind: 'over'; error: unknown } {
  return { kind: 'over', error }
}

// Named like an abort's own error, so that what still reads the answer takes it for one.
function superseded(): DOMException {
  return new DOMException('Another attempt is made.', 'AbortError')
}
