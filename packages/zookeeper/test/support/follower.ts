import type { Instance, Listing } from '@rollcall/core/adapter'

/** Pulls a watch all the time, and waits for what fits. */
export class Follower<T = Listing> {
  readonly seen: T[] = []
  /** What it threw. */
  readonly ended: Promise<unknown>
  readonly #controller = new AbortController()
  #wake: () => void = () => {}

  constructor(watch: (signal: AbortSignal) => AsyncIterable<T>) {
    this.ended = this.#pull(watch)
  }

  /** The first one from now on, the last one seen included, that fits; throws what the watch threw. */
  async until(fits: (value: T) => boolean): Promise<T> {
    for (let i = Math.max(0, this.seen.length - 1); ; i++) {
      while (i >= this.seen.length) {
        const more = new Promise<void>((resolve) => (this.#wake = resolve))
        const over = await Promise.race([more, this.ended.then((error) => ({ error }))])
        if (over) throw over.error
      }
      if (fits(this.seen[i]!)) return this.seen[i]!
    }
  }

  stop(): Promise<unknown> {
    this.#controller.abort(new Error('stopped'))
    return this.ended
  }

  async #pull(watch: (signal: AbortSignal) => AsyncIterable<T>): Promise<unknown> {
    try {
      for await (const value of watch(this.#controller.signal)) {
        this.seen.push(value)
        this.#wake()
      }
      return new Error('the watch returned')
    } catch (error) {
      return error
    }
  }
}

export function idsOf({ instances }: { readonly instances: readonly Instance[] }): string[] {
  return instances.map(({ id }) => id).toSorted()
}
