import { abortable } from './abortable.js'

/** Collects the paths below one node that have changed: a set, not a queue, so that it can't outgrow the tree. */
export class Watch {
  readonly path: string
  #changed = new Set<string>()
  #confirmed = false
  #error: Error | undefined
  #wake: () => void = () => {}

  constructor(path: string) {
    this.path = path
  }

  /**
   * The paths changed since the last call, as soon as there are any; none when the server was merely heard of, which
   * confirms that nothing changed. Throws when the connection is gone, since changes may have been missed.
   */
  async next(signal: AbortSignal): Promise<ReadonlySet<string>> {
    signal.throwIfAborted()
    if (!this.#hasNews) await abortable(new Promise<void>((resolve) => (this.#wake = resolve)), signal)
    if (this.#error) throw this.#error
    const changed = this.#changed
    this.#changed = new Set()
    this.#confirmed = false
    return changed
  }

  change(path: string): void {
    this.#changed.add(path)
    this.#wake()
  }

  confirm(): void {
    this.#confirmed = true
    this.#wake()
  }

  fail(error: Error): void {
    this.#error = error
    this.#wake()
  }

  get #hasNews(): boolean {
    return this.#changed.size > 0 || this.#confirmed || this.#error !== undefined
  }
}
