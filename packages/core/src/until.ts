/**
 * Resolves once `done` holds, which is asked now and after every change; rejects with the signal's reason.
 * Leaves no listener behind: a user's signal may live as long as the process.
 *
 * @param onChange calls the listener after every change and returns the way to stop
 */
export function until(
  done: () => boolean,
  onChange: (listener: () => void) => () => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (done()) return resolve()
    if (signal?.aborted) return reject(signal.reason)
    const settle = (then: () => void): void => {
      stop()
      signal?.removeEventListener('abort', onAbort)
      then()
    }
    const onAbort = (): void => settle(() => reject(signal?.reason))
    const stop = onChange(() => {
      if (done()) settle(resolve)
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
