import type { Clock } from '../clock.js'
import { hasEnded, type ProcessIdentity } from './process-identity.js'

/** That a process runs is believed for this long: fifty watches ask about the same few, ten times a second each. */
const believedMs = 50

/** Remembers for a moment which processes run, and for good which have ended. */
export class ProcessTable {
  readonly #clock: Clock
  readonly #ended: (process: ProcessIdentity) => boolean
  readonly #known = new Map<string, { ended: boolean; until: number }>()

  constructor(clock: Clock, ended: (process: ProcessIdentity) => boolean = hasEnded) {
    this.#clock = clock
    this.#ended = ended
  }

  hasEnded(process: ProcessIdentity): boolean {
    const key = `${process.pid} ${process.started} ${process.realm}`
    const now = this.#clock.now()
    const known = this.#known.get(key)
    if (known && now < known.until) return known.ended
    // Whoever has not been asked about lately has no record any more.
    if (this.#known.size >= 1_000) this.#known.clear()
    const ended = this.#ended(process)
    this.#known.set(key, { ended, until: ended ? Infinity : now + believedMs })
    return ended
  }
}
