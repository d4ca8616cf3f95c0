import type { Clock } from '../clock.js'

/** What has its time. */
export interface Limited {
  /** By the clock's `now`. */
  readonly endsAt: number
  /** Its time has come. It is cleared already, and may have ended a moment ago. Must not throw. */
  expire(): void
  /** Its neighbours among all that run: written by `TimeLimits` alone. */
  before: Limited | undefined
  after: Limited | undefined
}

// A timer that waits for nobody any more holds the process no longer than this.
const longestMs = 1_000

/**
 * The time limits of many runs on one timer of the clock. Nearly all of them are cleared long before they are reached,
 * and a timer of Node's for each would cost a call 3.5 us, more than all the rest of it: so the one timer goes on when
 * limits are cleared, and looks whose time has come when the next of them is reached, or after a second. They are linked
 * to each other since a Set would cost 1 us: it gives each of its members a hash.
 */
export class TimeLimits {
  readonly #clock: Clock
  #last: Limited | undefined
  /** When the timer goes off, by the clock's `now`; Infinity while there is none. */
  #goesOffAt = Infinity
  #stop = (): void => {}
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on it expires at its time, unless it is cleared before; `now` is what the clock says. */
  set(run: Limited, now: number): void {
    run.before = this.#last
    if (this.#last) this.#last.after = run
    this.#last = run
    // A timer that is a second late is lost, as those that tests put in place of Node's may be.
    if (run.endsAt < this.#goesOffAt || now > this.#goesOffAt + longestMs) this.#start(run.endsAt, now)
  }

  clear(run: Limited): void {
    const { before, after } = run
    if (before) before.after = after
    if (after) after.before = before
    else if (this.#last === run) this.#last = before
    run.before = run.after = undefined
    if (this.#closed) this.#stopIfIdle()
  }

  /** What is set holds, and may be set; but as soon as nothing is, there is no timer either. */
  close(): void {
    this.#closed = true
    this.#stopIfIdle()
  }

  #start(endsAt: number, now: number): void {
    this.#stop()
    const inMs = Math.min(Math.max(0, endsAt - now), longestMs)
    this.#goesOffAt = now + inMs
    this.#stop = this.#clock.after(inMs, () => this.#goOff())
  }

  #goOff(): void {
    // Node's timers may go off a little early.
    const now = Math.max(this.#clock.now(), this.#goesOffAt)
    this.#goesOffAt = Infinity
    const due: Limited[] = []
    let next = Infinity
    let count = 0
    for (let run = this.#last; run; run = run.before) {
      count++
      if (run.endsAt > now) next = Math.min(next, run.endsAt)
      else due.push(run)
    }
    // Looking at thousands takes a while: not to look again for each of them, a thousand may be a millisecond late.
    if (next < Infinity) this.#start(Math.max(next, now + Math.floor(count / 1_000)), now)
    // At last, and the oldest first: who is told of an abort may end others, or begin some.
    for (const run of due.toReversed()) {
      this.clear(run)
      run.expire()
    }
  }

  #stopIfIdle(): void {
    if (this.#last) return
    this.#stop()
    this.#goesOffAt = Infinity
  }
}
