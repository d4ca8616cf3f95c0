import { sleep, type Clock } from '../clock.js'
import { RollcallError, isRollcallError } from '../errors.js'
import { badOption, show } from '../options.js'
import type { Random } from '../random.js'
import type { Endpoint } from '../selection/endpoint.js'
import type { Pick } from '../selection/pick.js'
import { attempt, type Attempt, type CallContext, type Callee } from './attempt.js'
import { backoffMs } from './backoff.js'
import { CallFailedError, type FailedAttempt } from './call-failed.js'
import { planCall, type CallOptions, type CallPlan } from './call-options.js'
import { limited } from './limited.js'
import { isRefused } from './retry-safety.js'

export type { CallContext, Callee, CallOptions }

/** Where a call gets its picks. */
export interface CallSource {
  /** For errors. */
  readonly service: string
  readonly clock: Clock
  readonly random: Random
  /** Resolves when `acquire` no more throws NOT_READY. */
  ready(signal: AbortSignal): Promise<void>
  /** Why the store can't be asked at present, if it can't. */
  whyNotReady(): string | undefined
  /** A pick; not one of those `tried` while there are others. Throws NOT_READY, NO_INSTANCES, CLOSED. */
  acquire(tried?: ReadonlySet<Endpoint>): Pick
}

/**
 * Calls `fn` with an instance, and again with another one while that is safe and there is time.
 *
 * - Waits for a first snapshot, within its deadline; then TIMEOUT. An empty set is NO_INSTANCES at once.
 * - Tried again are requests that surely never left (connection refused, name unknown …), and all failures if
 *   `idempotent`. A timeout may have happened at the server.
 * - Endpoints already tried come last. The first retry goes to a new one at once, for a dead instance should cost its
 *   callers nothing; before any other retry there is a pause.
 * - An instance in service until now that refuses the connection uses up no attempt while there are others to try
 *   (unless `attempts` is 1): of a machine's ten instances that die with it, each is found out once, by some call.
 * - A result that is the instance's failure (see `classify`) is returned if no other attempt follows or
 *   another one can't be made.
 * - When all is lost: CALL_FAILED with every attempt in `attempts`, the last error as `cause`. Thrown as they are: the
 *   reason of the caller's abort, an AbortError of `fn`'s own, and an error that is an answer (a `status` below 500).
 */
export async function call<T>(source: CallSource, fn: Callee<T>, options: CallOptions<T> = {}): Promise<T> {
  const plan = planCall(options)
  if (typeof fn !== 'function') throw badOption('fn', `is ${show(fn)}`, 'give a function of an instance')
  plan.signal?.throwIfAborted()
  const deadline = source.clock.now() + plan.deadlineMs
  const progress: Progress<T> = { source, fn, plan, deadline, tried: new Set(), failures: [], refusals: 0 }
  let pick = await firstPick(progress)
  for (;;) {
    const result = await attemptWith(progress, pick)
    if (result.kind === 'answered') return result.value
    if (result.kind === 'over') throw result.error
    const next = await nextPick(progress, result)
    if (typeof next === 'string') return lastWord(progress, result, next)
    if (result.kind === 'bad') result.discard()
    pick = next
  }
}

interface Progress<T> {
  readonly source: CallSource
  readonly fn: Callee<T>
  readonly plan: CallPlan<T>
  /** By the clock's `now`. */
  readonly deadline: number
  readonly tried: Set<Endpoint>
  readonly failures: FailedAttempt[]
  /** How many failures were refusals by endpoints in service until then: news, not a failure of many. */
  refusals: number
}

type Unanswered<T> = Extract<Attempt<T>, { kind: 'bad' | 'lost' }>

/** Asks for a pick first and waits only if there is none yet: the usual call has nothing to wait for. */
async function firstPick<T>({ source, plan, deadline }: Progress<T>): Promise<Pick> {
  try {
    return source.acquire()
  } catch (error) {
    if (!isRollcallError(error, 'NOT_READY')) throw error
  }
  const { clock, service } = source
  const late = (): unknown => {
    const why = source.whyNotReady()
    return new RollcallError(
      'TIMEOUT',
      `${service} was not listed within the call's deadline of ${plan.deadlineMs} ms${why ? `: ${why}` : '.'}`,
    )
  }
  const limitMs = deadline - clock.now()
  const ending = await limited({ clock, limitMs, outer: plan.signal, late }, (own) =>
    source.ready(own.signal),
  )
  if (ending.how !== 'resolved') throw ending.error
  return source.acquire()
}

async function attemptWith<T>(progress: Progress<T>, pick: Pick): Promise<Attempt<T>> {
  const { source, fn, plan, deadline, tried, failures } = progress
  const { clock } = source
  const startedAt = clock.now()
  tried.add(pick.endpoint)
  const wasInService = pick.endpoint.ejectedFor === undefined
  const number = failures.length + 1
  const result = await attempt(pick, fn, { clock, plan, number, leftMs: deadline - startedAt })
  if (result.kind === 'bad' || result.kind === 'lost') {
    const { id, url } = pick.instance
    failures.push({ instanceId: id, url, error: result.error, ms: clock.now() - startedAt })
    if (wasInService && isRefused(result.error)) progress.refusals++
  }
  return result
}

/** The pick of another attempt, after the pause that it needs; or in words why there is none. */
async function nextPick<T>(progress: Progress<T>, result: Unanswered<T>): Promise<Pick | string> {
  const { source, plan, deadline, tried, failures } = progress
  const { clock, random } = source
  const isSafe = plan.idempotent || (result.kind === 'lost' && result.unsent)
  const isUsedUp = failures.length >= plan.attempts
  if (isUsedUp && !mayExceed(progress)) return attemptsUsed(plan)
  if (!isSafe) return 'and may have happened, so that it was not tried again (only `idempotent` calls are)'
  if (failures.length === 1 || isUsedUp) {
    const pick = acquireAgain(source, tried)
    if (!pick || !tried.has(pick.endpoint)) return pick ?? nobodyLeft
    pick.done('cancelled')
    if (isUsedUp) return attemptsUsed(plan)
  }
  const pauseMs = backoffMs(failures.length, random)
  if (clock.now() + pauseMs >= deadline) return `its deadline of ${plan.deadlineMs} ms being over`
  await sleep(clock, pauseMs, plan.signal)
  return acquireAgain(source, tried) ?? nobodyLeft
}

function mayExceed<T>({ plan, failures, refusals }: Progress<T>): boolean {
  return plan.attempts > 1 && failures.length - refusals < plan.attempts
}

const nobodyLeft = 'no instance being left'

function attemptsUsed<T>({ attempts }: CallPlan<T>): string {
  return attempts === 1 ? 'its one attempt being used' : `its ${attempts} attempts being used`
}

function acquireAgain(source: CallSource, tried: ReadonlySet<Endpoint>): Pick | undefined {
  try {
    return source.acquire(tried)
  } catch (error) {
    if (isRollcallError(error, 'NO_INSTANCES')) return undefined
    throw error
  }
}

function lastWord<T>({ source, failures }: Progress<T>, result: Unanswered<T>, why: string): T {
  if (result.kind === 'bad') return result.value
  throw new CallFailedError(source.service, why, failures)
}
