import { allowManyListeners } from './listeners.js'

/** Tells those who wait that something has changed, not what. */
export class Changes {
  readonly #listeners = new Set<() => void>()

  /** Calls `listener` after every change. Returns the way to stop. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /**
   * Resolves once `done` holds, which is asked now and after every change; rejects with the signal's reason.
   * Leaves no listener behind: a user's signal may live as long as the process.
   */
  until(done: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (done()) return resolve()
      if (signal?.aborted) return reject(signal.reason)
      const settle = (then: () => void): void => {
        stop()
        signal?.removeEventListener('abort', onAbort)
        then()
      }
      const onAbort = (): void => settle(() => reject(signal?.reason))
      const stop = this.on(() => {
        if (done()) settle(resolve)
      })
      if (signal) allowManyListeners(signal)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
