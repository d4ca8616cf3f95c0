/** Time, injected: the system's outside tests, a manual one within. */
export interface Clock {
  /** Milliseconds that only ever run forward; for durations and deadlines. */
  now(): number
  /** Milliseconds since 1970; for what other processes read. May jump. */
  wall(): number
  /** Runs `fn` once, `ms` from now, unless the returned function is called before. */
  after(ms: number, fn: () => void): () => void
}

// setTimeout fires at once beyond this.
const longestTimeoutMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, Math.min(ms, longestTimeoutMs))
    return () => clearTimeout(timer)
  },
}

/** Resolves `ms` from now; rejects with the signal's reason once it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
