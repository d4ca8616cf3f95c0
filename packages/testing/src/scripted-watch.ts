/** What is to be seen through the open watches of one thing, and how they end. */
export class ScriptedWatch<T> {
  readonly #open = new Set<() => void>()
  #latest: { value: T } | undefined
  #version = 0
  /** Watches opened before this one's number have ended, this way. */
  #ended: { before: number; how: () => void } | undefined
  #opened = 0

  /** How many are waiting to be told something. */
  get waiting(): number {
    return this.#open.size
  }

  push(value: T): void {
    this.#latest = { value }
    this.#version++
    this.#wake()
  }

  /** Ends those that are open now: with an error, or by returning when there is none. */
  end(error?: Error): void {
    const how = (): void => {
      if (error) throw error
    }
    this.#ended = { before: this.#opened, how }
    this.#wake()
  }

  /** Yields what was pushed last, then whatever is pushed, the latest only; waits for a first push. */
  async *follow(signal: AbortSignal): AsyncGenerator<T> {
    const number = this.#opened++
    for (let seen = 0; ;) {
      signal.throwIfAborted()
      if (this.#ended && number < this.#ended.before) return this.#ended.how()
      if (this.#latest && seen !== this.#version) {
        seen = this.#version
        yield this.#latest.value
      } else await this.#woken(signal)
    }
  }

  #wake(): void {
    for (const wake of this.#open) wake()
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => (): void => {
        this.#open.delete(wake)
        signal.removeEventListener('abort', abort)
        then()
      }
      const wake = settle(resolve)
      const abort = settle(() => reject(signal.reason))
      this.#open.add(wake)
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}
