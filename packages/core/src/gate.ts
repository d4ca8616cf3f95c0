/** Lets at most `size` callers in at once; the others wait in order: a thousand registrations after an outage, say. */
export class Gate {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(size: number) {
    this.#free = size
  }

  /** Does the work once there is a place for it. Rejects with the signal's reason if it is aborted before. */
  async pass<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(signal: AbortSignal | undefined): Promise<void> | void {
    signal?.throwIfAborted()
    if (this.#free === 0) return this.#queue(signal)
    this.#free--
  }

  #queue(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(enter)
        reject(signal?.reason)
      }
      const enter = (): void => {
        this.#waiting.delete(enter)
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      this.#waiting.add(enter)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  // A place is handed over, not freed and raced for.
  #leave(): void {
    const [next] = this.#waiting
    if (next) next()
    else this.#free++
  }
}
