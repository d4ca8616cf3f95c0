import type { Clock } from '../clock.js'
import { allowManyListeners } from '../listeners.js'

/** How a limited run ended: settled by itself, out of time, or because the outer signal was aborted. */
export type Ending<T> =
  | { readonly how: 'resolved'; readonly value: T }
  | { readonly how: 'rejected'; readonly error: unknown }
  | { readonly how: 'late'; readonly error: unknown }
  | { readonly how: 'aborted'; readonly error: unknown }

export interface Limits {
  readonly clock: Clock
  readonly limitMs: number
  readonly outer: AbortSignal | undefined
  /** What the run's signal is aborted with when its time is up. */
  readonly late: () => unknown
}

/**
 * Runs `fn` with a controller of its own, aborted when the time is up or `outer` is aborted, and not waited for
 * then: nobody must hang on a function that ignores its signal. Once `fn` has settled the limits leave its
 * signal alone, for a body may still be read under it. Never rejects.
 */
export function limited<T>(
  { clock, limitMs, outer, late }: Limits,
  fn: (controller: AbortController) => T | PromiseLike<T>,
): Promise<Ending<T>> {
  return new Promise((resolve) => {
    const own = new AbortController()
    const end = (ending: Ending<T>): void => {
      cancelTimer()
      outer?.removeEventListener('abort', onAbort)
      resolve(ending)
    }
    const giveUp = (how: 'late' | 'aborted', error: unknown): void => {
      end({ how, error })
      own.abort(error)
    }
    const onAbort = (): void => giveUp('aborted', outer?.reason)
    const cancelTimer = clock.after(limitMs, () => giveUp('late', late()))
    if (outer?.aborted) return onAbort()
    if (outer) allowManyListeners(outer)
    outer?.addEventListener('abort', onAbort)
    settle(() => fn(own), end)
  })
}

function settle<T>(run: () => T | PromiseLike<T>, end: (ending: Ending<T>) => void): void {
  const reject = (error: unknown): void => end({ how: 'rejected', error })
  try {
    Promise.resolve(run()).then((value) => end({ how: 'resolved', value }), reject)
  } catch (error) {
    reject(error)
  }
}
