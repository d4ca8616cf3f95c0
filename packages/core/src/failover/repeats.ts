import type { Clock } from '../clock.js'
import { allowManyListeners } from '../listeners.js'
import type { CallCounts, CallEvent, DropReason } from './call-events.js'

/** What came of one attempt at a call that is to be repeated. */
export type Repeated =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: unknown; readonly drop: DropReason | undefined }

/** A failed call that is repeated in the background. */
export interface RepeatTask {
  readonly everyMs: number
  readonly times: number
  readonly queue: number
  readonly signal: AbortSignal | undefined
  /** Tries once more; the first time with 1. Never rejects. */
  again(repeat: number): Promise<Repeated>
}

export interface RepeatsTools {
  readonly clock: Clock
  readonly counts: CallCounts
  report(event: CallEvent): void
}

/**
 * The failed calls of a view that wait for repetition. What is dropped is told, with the reason. A repetition under way
 * keeps its place.
 */
export class Repeats {
  readonly #tools: RepeatsTools
  readonly #places = new Set<Place>()
  #closed = false

  constructor(tools: RepeatsTools) {
    this.#tools = tools
  }

  /** How many calls wait or are being repeated. */
  get size(): number {
    return this.#places.size
  }

  /** Takes in a call that has just failed for the first time. */
  add(task: RepeatTask, { error, drop }: { error: unknown; drop: DropReason | undefined }): void {
    const place: Place = { task, repeats: 0, error, leave: () => {} }
    if (drop === undefined && !this.#closed && this.size >= task.queue) return this.#drop(place, 'queue')
    this.#places.add(place)
    this.#failed(place, drop)
  }

  /** Drops all that wait; what is being repeated goes on, for the last time. */
  close(): void {
    this.#closed = true
    for (const place of [...this.#places]) place.leave('closed')
  }

  #failed(place: Place, drop: DropReason | undefined): void {
    const { task, repeats } = place
    if (drop !== undefined) return this.#drop(place, drop)
    if (repeats >= task.times) return this.#drop(place, 'times')
    if (this.#closed) return this.#drop(place, 'closed')
    if (task.signal?.aborted) return this.#drop(place, 'aborted')
    this.#wait(place)
  }

  #wait(place: Place): void {
    const { clock, report } = this.#tools
    const { task, error, repeats } = place
    const stop = (): void => {
      cancel()
      task.signal?.removeEventListener('abort', onAbort)
      place.leave = () => {}
    }
    place.leave = (reason) => {
      stop()
      this.#drop(place, reason)
    }
    const onAbort = (): void => place.leave('aborted')
    const cancel = clock.after(task.everyMs, () => {
      stop()
      void this.#repeat(place)
    })
    if (task.signal) allowManyListeners(task.signal)
    task.signal?.addEventListener('abort', onAbort)
    report({ type: 'call.queued', error, repeat: repeats + 1, inMs: task.everyMs, queued: this.size })
  }

  async #repeat(place: Place): Promise<void> {
    const { counts, report } = this.#tools
    const repeat = ++place.repeats
    counts.repeats++
    const result = await place.task.again(repeat)
    if (!result.ok) {
      place.error = result.error
      return this.#failed(place, result.drop)
    }
    this.#places.delete(place)
    report({ type: 'call.repeated', repeat })
  }

  #drop(place: Place, reason: DropReason): void {
    const { counts, report } = this.#tools
    this.#places.delete(place)
    counts.dropped++
    report({ type: 'call.dropped', error: place.error, reason, repeats: place.repeats })
  }
}

interface Place {
  readonly task: RepeatTask
  repeats: number
  /** The last one. */
  error: unknown
  /** Ends its waiting. */
  leave(reason: DropReason): void
}
