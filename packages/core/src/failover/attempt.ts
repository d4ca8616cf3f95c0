import { RollcallError } from '../errors.js'
import type { Outcome } from '../selection/outcome.js'
import type { Pick } from '../selection/pick.js'
import type { CallPlan } from './call-plan.js'
import type { CallContext } from './call.js'
import { classified, isAbortError, isAnswer, statusOf } from './classify.js'
import { LimitedRun, type Ending } from './limited.js'
import { retryAfterMs } from './retry-after.js'
import { isRefused, isSurelyUnsent } from './retry-safety.js'
import type { Run } from './run.js'
import { Overtaken, superseded } from './superseded.js'

/**
 * What an attempt came to. `answered`: done. `bad`: a result that is the instance's failure; `discard` ends what may
 * still be read of it. `lost`: no result. `over`: an error that no other attempt would mend.
 */
export type Attempt<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'over'; readonly error: unknown }
  | Unanswered<T>

export type Unanswered<T> = Failure &
  ({ readonly kind: 'bad'; readonly value: T; discard(): void } | { readonly kind: 'lost' })

interface Failure {
  readonly error: unknown
  /** The request surely never reached the server. */
  readonly unsent: boolean
  /** Refused by an endpoint in service until then. */
  readonly isNews: boolean
  /** The instance said when it wants to be asked again. */
  readonly hasRetryAfter: boolean
}

/** An attempt under way. */
export type Trial<T> = LimitedRun<T, Attempt<T>>

/**
 * Calls `fn` once with the pick's instance, ends the pick with what is to be learned from it, and notes a failure in
 * the run.
 */
export function attempt<T>(run: Run<T>, pick: Pick, startedAt: number = run.takeNow()): Trial<T> {
  const { plan, tools, fn } = run
  const { timeLimits } = tools
  const number = ++run.begun
  const limitMs = Math.max(0, Math.min(plan.attemptTimeoutMs, run.deadline - startedAt))
  const facts: Facts = { pick, startedAt, limitMs, wasInService: pick.endpoint.ejectedFor === undefined }
  let own: AbortController | undefined
  return new LimitedRun(
    { timeLimits, now: startedAt, limitMs, outer: plan.signal, late: () => noAnswer(plan, facts) },
    (controller) => fn(pick.instance, new Context((own = controller), number)),
    (ending) => conclude(run, facts, ending, () => own?.abort(superseded())),
  )
}

class Context implements CallContext {
  readonly attempt: number
  readonly #controller: AbortController

  constructor(controller: AbortController, attempt: number) {
    this.#controller = controller
    this.attempt = attempt
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }
}

interface Facts {
  readonly pick: Pick
  readonly startedAt: number
  readonly limitMs: number
  readonly wasInService: boolean
}

function noAnswer<T>({ attemptTimeoutMs }: CallPlan<T>, { pick, limitMs }: Facts): RollcallError {
  const limit = limitMs < attemptTimeoutMs ? "all that the call's deadlineMs left" : 'its attemptTimeoutMs'
  return new RollcallError(
    'TIMEOUT',
    `${pick.instance.id} gave no answer for ${Math.round(limitMs)} ms, ${limit}`,
  )
}

function conclude<T>(run: Run<T>, facts: Facts, ending: Ending<T>, discard: () => void): Attempt<T> {
  try {
    return learned(run, facts, ending, discard)
  } catch (error) {
    // The user's `classify` threw; or the result or error did, when it was looked at.
    facts.pick.done('cancelled')
    return { kind: 'over', error }
  }
}

function learned<T>(run: Run<T>, facts: Facts, ending: Ending<T>, discard: () => void): Attempt<T> {
  const verdict = judge(run.plan, facts, ending)
  facts.pick.done(verdict.outcome)
  switch (verdict.kind) {
    case 'answered':
      run.answered(facts.startedAt)
      return verdict
    case 'over':
      return verdict
    case 'bad':
      return { ...fail(run, facts, verdict.error, verdict.value), kind: 'bad', value: verdict.value, discard }
    case 'lost':
      return { ...fail(run, facts, verdict.error, verdict.error), kind: 'lost' }
  }
}

/** Notes the failure in the run. `answer` is what may hold a Retry-After: clients throw their answers too. */
function fail<T>(run: Run<T>, facts: Facts, error: unknown, answer: unknown): Failure {
  const { pick, startedAt, wasInService } = facts
  const { id, url } = pick.instance
  const { clock } = run.source
  run.failures.push({ instanceId: id, url, error, ms: clock.now() - startedAt })
  run.avoid(pick.endpoint)
  const isNews = wasInService && isRefused(error)
  if (isNews) run.refusals++
  const pauseMs = retryAfterMs(answer, clock.wall())
  if (pauseMs > 0) run.pause(pick.endpoint, pauseMs)
  return { error, isNews, unsent: answer === error && isSurelyUnsent(error), hasRetryAfter: pauseMs > 0 }
}

type Verdict<T> = { readonly outcome: Outcome } & (
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'bad'; readonly value: T; readonly error: unknown }
  | { readonly kind: 'lost'; readonly error: unknown }
  | { readonly kind: 'over'; readonly error: unknown }
)

function judge<T>(plan: CallPlan<T>, { limitMs }: Facts, ending: Ending<T>): Verdict<T> {
  switch (ending.how) {
    case 'resolved':
      return judgeResult(ending.value, plan)
    case 'rejected':
      return judgeError(ending.error)
    case 'late':
      return { kind: 'lost', outcome: lateOutcome(plan, limitMs), error: ending.error }
    case 'aborted':
      return {
        kind: 'over',
        outcome: ending.error instanceof Overtaken ? 'overtaken' : 'cancelled',
        error: ending.error,
      }
  }
}

function judgeResult<T>(value: T, { classify }: CallPlan<T>): Verdict<T> {
  if (classified(classify, value) === 'ok') return { kind: 'answered', outcome: 'ok', value }
  const status = statusOf(value)
  const words = status === undefined ? 'the answer was a failure' : `it answered with status ${status}`
  return { kind: 'bad', outcome: 'failed', value, error: new Error(words) }
}

function judgeError<T>(error: unknown): Verdict<T> {
  if (isAbortError(error)) return { kind: 'over', outcome: 'cancelled', error }
  if (isAnswer(error)) return { kind: 'over', outcome: 'ok', error }
  return { kind: 'lost', outcome: isRefused(error) ? 'refused' : 'failed', error }
}

/** An attempt that the deadline left less than half its time says nothing about the instance. */
function lateOutcome<T>({ attemptTimeoutMs, deadlineMs }: CallPlan<T>, limitMs: number): Outcome {
  return limitMs < Math.min(attemptTimeoutMs, deadlineMs) / 2 ? 'cancelled' : 'failed'
}
