/**
 * Why a failed call is not repeated, or no more. `times`: it was, as often as allowed. `queue`: too many wait already.
 * `unsafe`: it may have happened and is not `idempotent`. `final`: no repetition would mend the error. `aborted`: its
 * signal was. `closed`: the view was.
 */
export type DropReason = 'times' | 'queue' | 'unsafe' | 'final' | 'aborted' | 'closed'

/** What calls tell, by type. */
interface CallEventDetails {
  /** A failsafe call failed, and its fallback was returned. */
  'call.failsafe': { error: unknown }
  /** A failback call failed and waits: its repetition number `repeat` comes `inMs` from now. `queued` wait by now. */
  'call.queued': { error: unknown; repeat: number; inMs: number; queued: number }
  /** A failback call succeeded at its repetition number `repeat`. */
  'call.repeated': { repeat: number }
  /** A failback call is given up after that many repetitions; `error` is the last. */
  'call.dropped': { error: unknown; reason: DropReason; repeats: number }
  /** No answer came within `afterMs`: another instance, `id`, was asked as well. */
  'call.hedged': { id: string; afterMs: number }
  /**
   * A retry or a hedge was not made for want of budget. Told once per second at most. The figures are those of
   * the last 10 s.
   */
  'call.budget': { calls: number; retries: number }
}

/** One event, told apart by `type`. */
export type CallEvent = {
  [T in keyof CallEventDetails]: Readonly<{ type: T } & CallEventDetails[T]>
}[keyof CallEventDetails]

/** What a view's calls came to, since it was made. */
export interface CallCounts {
  /** Calls begun. */
  calls: number
  /** Attempts after a call's first that followed a failure. */
  retries: number
  /** Attempts beside one that was slow. */
  hedges: number
  /** How many of the hedges answered first. */
  hedgesWon: number
  /** Retries and hedges that the budget refused. */
  refused: number
  /** Failsafe and failback calls that returned their fallback. */
  fallbacks: number
  /** Repetitions of failback calls, whatever came of them. */
  repeats: number
  /** Failback calls given up. */
  dropped: number
}

export function noCounts(): CallCounts {
  return {
    calls: 0,
    retries: 0,
    hedges: 0,
    hedgesWon: 0,
    refused: 0,
    fallbacks: 0,
    repeats: 0,
    dropped: 0,
  }
}
