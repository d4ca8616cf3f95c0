import { Changes } from '../changes.js'

/** Holds one value and wakes those who follow it. Who is slow misses values in between, never the last. */
export class Latest<T> {
  #value: T | undefined
  #closed = false
  #turn = 0
  readonly #changes = new Changes()

  get value(): T | undefined {
    return this.#value
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Replaces the value and wakes everybody. */
  set(value: T): void {
    this.#value = value
    this.#turn++
    this.wake()
  }

  /** Replaces the value and wakes nobody: it says the same as before. */
  refresh(value: T): void {
    this.#value = value
  }

  close(): void {
    this.#closed = true
    this.wake()
  }

  onChange(listener: () => void): () => void {
    return this.#changes.on(listener)
  }

  /** The value of now, if there is one, then every newer one, until `close`. Rejects with the signal's reason. */
  async *follow(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    for (let seen = 0; ;) {
      signal?.throwIfAborted()
      if (this.#turn !== seen) {
        seen = this.#turn
        yield this.#value as T
      } else if (this.#closed) return
      else await this.until(() => this.#turn !== seen || this.#closed, signal)
    }
  }

  /** Resolves once `done` holds; it is asked again whenever anybody is woken. Rejects with the signal's reason. */
  until(done: () => boolean, signal?: AbortSignal): Promise<void> {
    return this.#changes.until(done, signal)
  }

  /** Wakes everybody without a new value: something else that they may wait for has changed. */
  wake(): void {
    this.#changes.tell()
  }
}
