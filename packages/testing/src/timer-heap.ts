/** A timer that waits. `place` is where it stands in its heap, -1 once it is out. */
export interface Timer {
  readonly dueAt: number
  readonly fn: () => void
  readonly number: number
  place: number
}

/**
 * Timers by the time they are due, and those due at once by the order in which they were set. A binary heap in which
 * each timer knows its place: a simulation sets one for every call and cancels nearly all of them, long before they
 * are due.
 */
export class TimerHeap {
  readonly #timers: Timer[] = []
  #set = 0

  get size(): number {
    return this.#timers.length
  }

  /** The next one due. */
  get first(): Timer | undefined {
    return this.#timers[0]
  }

  add(dueAt: number, fn: () => void): Timer {
    const timer: Timer = { dueAt, fn, number: this.#set++, place: this.#timers.length }
    this.#timers.push(timer)
    this.#rise(timer)
    return timer
  }

  /** Takes it out; one that is out already stays out. */
  remove(timer: Timer): void {
    const { place } = timer
    if (place < 0) return
    timer.place = -1
    const last = this.#timers.pop()!
    if (last === timer) return
    this.#put(last, place)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(timer: Timer): void {
    while (timer.place > 0) {
      const parent = this.#timers[(timer.place - 1) >> 1]!
      if (isBefore(parent, timer)) return
      this.#swap(parent, timer)
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#timers[2 * timer.place + 1]
      if (!left) return
      const right = this.#timers[2 * timer.place + 2]
      const child = right && isBefore(right, left) ? right : left
      if (isBefore(timer, child)) return
      this.#swap(timer, child)
    }
  }

  #swap(a: Timer, b: Timer): void {
    const place = a.place
    this.#put(a, b.place)
    this.#put(b, place)
  }

  #put(timer: Timer, place: number): void {
    timer.place = place
    this.#timers[place] = timer
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.number < b.number)
}
