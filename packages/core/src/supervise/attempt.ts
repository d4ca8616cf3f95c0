import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.js'
import { RollcallError } from '../errors.js'

export interface AttemptLimits {
  readonly clock: Clock
  readonly limitMs: number
  readonly signal: AbortSignal
  /** For the error: `etcd: register`. */
  readonly what: string
  /** What it rejects with when the time is up; an error with the code TIMEOUT by default. */
  readonly late?: unknown
}

/**
 * Runs one attempt of a verb under a limit. The attempt gets a signal of its own, aborted when the attempt is over,
 * however it ended; nobody waits for a verb that ignores it.
 */
export async function attempt<T>(
  limits: AttemptLimits,
  verb: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, limitMs, signal, what, late } = limits
  signal.throwIfAborted()
  const own = follower(signal)
  const cancel = clock.after(limitMs, () => {
    own.abort(late ?? new RollcallError('TIMEOUT', `${what} gave no answer for ${Math.round(limitMs)} ms`))
  })
  try {
    // The verb first: should it throw at once, no promise is left behind that nobody handles.
    return await Promise.race([verb(own.signal), aborted(own.signal)])
  } finally {
    cancel()
    own.end(new RollcallError('CLOSED', `${what} is over`))
  }
}

/** Works with a signal that is aborted after `ms`, and when the work is done. */
export async function within(
  clock: Clock,
  ms: number,
  reason: unknown,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = controllerOfMany()
  const cancel = clock.after(ms, () => limit.abort(reason))
  try {
    await work(limit.signal)
  } finally {
    cancel()
    limit.abort(reason)
  }
}

export interface Follower {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Aborts, and stops listening to the parent. */
  end(reason: unknown): void
}

/**
 * A signal that is aborted with its parent, or before. `AbortSignal.any` does the same, but on Node 20 every signal it
 * makes stays reachable from a parent that lives as long as the process.
 */
export function follower(parent: AbortSignal): Follower {
  const own = new AbortController()
  const follow = (): void => own.abort(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    end(reason) {
      parent.removeEventListener('abort', follow)
      own.abort(reason)
    },
  }
}

/** A controller whose signal many may hear: from the eleventh listener on Node 20 warns of a leak. */
export function controllerOfMany(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/**
 * Never resolves; rejects with the signal's reason once it is aborted. Only for signals that end with the thing
 * they belong to: the listener stays on until then.
 */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
