import { sleep, type Clock } from '@rollcall/core/adapter'

/** Core waits 100 ms at least; a shorter pause lets the suite see more of what happens in between. */
const pullGapMs = 10

/** Follows a watch as core does, with its own abort, and keeps everything it yields. */
export class Follower<T> {
  readonly seen: T[] = []
  /** What it threw, once it has. */
  error: unknown
  /** It returned or threw. */
  over = false
  readonly #abort = new AbortController()

  constructor(clock: Clock, open: (signal: AbortSignal) => AsyncIterable<T>) {
    void this.#run(clock, open)
  }

  get latest(): T | undefined {
    return this.seen.at(-1)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  stop(): void {
    this.#abort.abort(new Error('the suite stopped following'))
  }

  async #run(clock: Clock, open: (signal: AbortSignal) => AsyncIterable<T>): Promise<void> {
    try {
      const iterator = open(this.signal)[Symbol.asyncIterator]()
      for (;;) {
        const result = await iterator.next()
        if (result.done || this.signal.aborted) break
        this.seen.push(result.value)
        await sleep(clock, Math.max(pullGapMs, askAgainOf(result.value)), this.signal)
      }
    } catch (error) {
      if (!this.signal.aborted) this.error = error
    }
    this.over = true
  }
}

function askAgainOf(value: unknown): number {
  const { askAgainMs } = value as { askAgainMs?: number }
  return askAgainMs ?? 0
}
