/** What a scripted verb does for one call. */
export type Step<Args extends readonly unknown[], Result> = (...args: Args) => Result | Promise<Result>

/** Decides what a verb does, call by call, and remembers how it was called. */
export class Script<Args extends readonly unknown[], Result> {
  /** The arguments of every call so far. */
  readonly calls: Args[] = []
  #always: Step<Args, Result>
  readonly #queue: Step<Args, Result>[] = []

  constructor(always: Step<Args, Result>) {
    this.#always = always
  }

  get count(): number {
    return this.calls.length
  }

  /** Each step serves one call, in the order they were given; then it goes on as always. */
  next(...steps: Step<Args, Result>[]): this {
    this.#queue.push(...steps)
    return this
  }

  /** From now on, whenever no step of `next` is left. */
  always(step: Step<Args, Result>): this {
    this.#always = step
    return this
  }

  async run(...args: Args): Promise<Result> {
    this.calls.push(args)
    const step = this.#queue.shift() ?? this.#always
    return step(...args)
  }
}

/** A step that throws. */
export function throws(error: unknown): Step<readonly unknown[], never> {
  return () => {
    throw error
  }
}

/** A step that waits until its signal is aborted, and rejects with the signal's reason. */
export function hangs(): Step<readonly unknown[], never> {
  return (...args) => {
    const signal = args.find((arg) => arg instanceof AbortSignal)
    return new Promise((_, reject) => {
      const stop = (): void => reject(signal?.reason)
      if (signal?.aborted) stop()
      else signal?.addEventListener('abort', stop, { once: true })
    })
  }
}

/** A step that never settles and hears no signal: a client library at its worst. */
export function ignoresAbort(): Step<readonly unknown[], never> {
  return () => new Promise(() => {})
}
