import type { Listing } from '@rollcall/core/adapter'

/** Pulls a watch all the time, and waits for the listing that fits. */
export class Follower<T = Listing> {
  readonly seen: T[] = []
  readonly ended: Promise<unknown>
  readonly #controller = new AbortController()
  #wake: (() => void) | undefined

  constructor(watch: (signal: AbortSignal) => AsyncIterable<T>) {
    this.ended = this.#pull(watch)
  }

  get last(): T | undefined {
    return this.seen.at(-1)
  }

  /** The first listing that fits, past or to come, of those from number `from` on; throws what the watch threw. */
  async until(fits: (listing: T) => boolean, from = 0): Promise<T> {
    let looked = from
    while (true) {
      const fitting = this.seen.slice(looked).find(fits)
      if (fitting !== undefined) return fitting
      looked = this.seen.length
      const more = new Promise<void>((resolve) => (this.#wake = resolve))
      const end = await Promise.race([more, this.ended.then((error) => ({ error }))])
      if (end) throw end.error
    }
  }

  /** Aborts the watch; resolves with what it threw then. */
  stop(reason: unknown = new Error('stopped')): Promise<unknown> {
    this.#controller.abort(reason)
    return this.ended
  }

  async #pull(watch: (signal: AbortSignal) => AsyncIterable<T>): Promise<unknown> {
    try {
      for await (const listing of watch(this.#controller.signal)) {
        this.seen.push(listing)
        this.#wake?.()
      }
      return new Error('the watch returned')
    } catch (error) {
      return error
    }
  }
}

export function idsOf(listing: Listing | undefined): string[] {
  return (listing?.instances ?? []).map(({ id }) => id).toSorted()
}
