import { allowManyListeners } from '../listeners.js'
import type { Limited, TimeLimits } from './time-limits.js'

/** How a limited run ended: settled by itself, out of time, or aborted from outside. */
export type Ending<T> =
  | { readonly how: 'resolved'; readonly value: T }
  | { readonly how: 'rejected'; readonly error: unknown }
  | { readonly how: 'late'; readonly error: unknown }
  | { readonly how: 'aborted'; readonly error: unknown }

export interface Limits {
  readonly timeLimits: TimeLimits
  /** When it began, by the clock's `now`. */
  readonly now: number
  readonly limitMs: number
  readonly outer: AbortSignal | undefined
  /** What the run's signal is aborted with when its time is up. */
  readonly late: () => unknown
}

/**
 * A run of `fn` with a controller of its own, aborted when the time is up, `outer` is aborted or `abort` called, and not
 * waited for then: nobody must hang on a function that ignores its signal. Once `fn` has settled the limits leave its
 * signal alone, for a body may still be read under it.
 */
export class LimitedRun<T, R> implements Limited {
  /** What `conclude`, which must not throw, made of the ending. Never rejects. */
  readonly ended: Promise<R>
  readonly endsAt: number
  before: Limited | undefined = undefined
  after: Limited | undefined = undefined
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #conclude: (ending: Ending<T>) => R
  readonly #timeLimits: TimeLimits
  #tellExpired = (): void => {}
  #resolve: ((result: R) => void) | undefined

  constructor(
    { timeLimits, now, limitMs, outer, late }: Limits,
    fn: (controller: AbortController) => T | PromiseLike<T>,
    conclude: (ending: Ending<T>) => R,
  ) {
    this.endsAt = now + limitMs
    this.#timeLimits = timeLimits
    this.#outer = outer
    this.#conclude = conclude
    this.ended = new Promise((resolve) => (this.#resolve = resolve))
    if (outer?.aborted) this.abort(outer.reason)
    else {
      timeLimits.set(this, now)
      // The timer may be another call's: what an AsyncLocalStorage holds for this one goes with its promises.
      const expired = new Promise<void>((resolve) => (this.#tellExpired = resolve))
      void expired.then(() => this.#giveUp('late', late()))
      if (outer) allowManyListeners(outer)
      outer?.addEventListener('abort', this.#onAbort)
      this.#run(fn)
    }
  }

  /** Ends it as `aborted`, unless it has ended already. */
  abort(error: unknown): void {
    this.#giveUp('aborted', error)
  }

  expire(): void {
    this.#tellExpired()
  }

  #run(fn: (controller: AbortController) => T | PromiseLike<T>): void {
    const reject = (error: unknown): void => void this.#end({ how: 'rejected', error })
    try {
      Promise.resolve(fn(this.#controller)).then((value) => this.#end({ how: 'resolved', value }), reject)
    } catch (error) {
      reject(error)
    }
  }

  #giveUp(how: 'late' | 'aborted', error: unknown): void {
    if (this.#end({ how, error })) this.#controller.abort(error)
  }

  /** The first ending counts. */
  #end(ending: Ending<T>): boolean {
    const resolve = this.#resolve
    if (!resolve) return false
    this.#resolve = undefined
    this.#timeLimits.clear(this)
    this.#outer?.removeEventListener('abort', this.#onAbort)
    resolve(this.#conclude(ending))
    return true
  }

  readonly #onAbort = (): void => this.abort(this.#outer?.reason)
}
