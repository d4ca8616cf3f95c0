/**
 * One who waits, and news that comes whenever it likes. However often it rings between two waits, the next wait ends
 * once: whoever reads slowly sees the latest state and no queue.
 */
export class Bell {
  #isRung = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  ring(): void {
    this.#isRung = true
    this.#wake?.()
  }

  /** Makes this wait and all later ones throw; the first failure counts. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  /** Resolves when it has rung since the last time. */
  async heard(): Promise<void> {
    if (!this.#isRung && !this.#failure) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
    if (this.#failure) throw this.#failure.error
    this.#isRung = false
  }
}
