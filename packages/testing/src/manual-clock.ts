import { setImmediate } from 'node:timers'
import type { Clock } from '@rollcall/core/adapter'
import { TimerHeap } from './timer-heap.js'

/** Beyond this a test would hang, and not say where. */
const mostAtOnce = 100_000

/**
 * A clock that stands still until a test moves it. Both of its times start where they are told, `now` at 0 and
 * `wall` at 2023-11-14T22:13:20Z by default, and move together.
 */
export class ManualClock implements Clock {
  #now: number
  /** What `wall` is ahead of `now`. */
  #wallOffset: number
  readonly #timers = new TimerHeap()

  constructor({ now = 0, wall = 1_700_000_000_000 }: { now?: number; wall?: number } = {}) {
    this.#now = now
    this.#wallOffset = wall - now
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#now + this.#wallOffset
  }

  /** Makes `wall` jump, as a system's clock does when it is corrected. Timers don't notice. */
  setWall(ms: number): void {
    this.#wallOffset = ms - this.#now
  }

  after(ms: number, fn: () => void): () => void {
    // It would be neither due nor not, and nothing behind it would ever run.
    if (Number.isNaN(ms)) throw new Error('A timer was set to NaN ms: look where that was computed')
    const timer = this.#timers.add(this.#now + Math.max(0, ms), fn)
    return () => this.#timers.remove(timer)
  }

  /** How many timers wait: 0 once everything under test is closed. */
  get timers(): number {
    return this.#timers.size
  }

  /** Milliseconds until the next timer is due; `undefined` when none waits. */
  get nextInMs(): number | undefined {
    const { first } = this.#timers
    return first && Math.max(0, first.dueAt - this.#now)
  }

  /**
   * Moves time on by `ms` and runs the timers that fall due, in order, each at its own time. Before, between and
   * after them all promises settle, so that what a timer woke may set the next one and still be in time for it.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.settle()
    let standing = 0
    for (let timer = this.#timers.first; timer && timer.dueAt <= end; timer = this.#timers.first) {
      this.#timers.remove(timer)
      standing = timer.dueAt > this.#now ? 0 : standing + 1
      if (standing > mostAtOnce)
        throw new Error(`${mostAtOnce} timers ran and time stood still: one of 0 ms sets itself again`)
      this.#now = Math.max(this.#now, timer.dueAt)
      timer.fn()
      await this.settle()
    }
    this.#now = Math.max(this.#now, end)
  }

  /** Lets every promise settle that waits for neither time nor the outside world. */
  settle(): Promise<void> {
    // Node empties the queue of microtasks, however deep, before it runs an immediate.
    return new Promise((resolve) => setImmediate(resolve))
  }
}
