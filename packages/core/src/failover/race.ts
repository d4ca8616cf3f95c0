import type { Pick } from '../selection/pick.js'
import { attempt, type Attempt, type Trial } from './attempt.js'
import type { Run } from './run.js'
import { Overtaken, superseded } from './superseded.js'

/** How an attempt of a race ended. */
export interface Arrival<T> {
  readonly trial: Trial<T>
  readonly result: Attempt<T>
  /** When it began, by the clock's `now`. */
  readonly begunAt: number
}

/** Attempts of one call under way at the same time. Must be closed: then those still under way are cancelled. */
export class Race<T> {
  readonly #run: Run<T>
  /** When each of those under way began, by the clock's `now`. */
  readonly #begun = new Map<Trial<T>, number>()
  readonly #arrived: Arrival<T>[] = []
  #wake: () => void = () => {}

  constructor(run: Run<T>) {
    this.#run = run
  }

  /** Those that `next` has yet to give: under way, or arrived at the same time as another. */
  get remaining(): number {
    return this.#begun.size + this.#arrived.length
  }

  start(pick: Pick): Trial<T> {
    const run = this.#run
    // So that none is asked twice at the same time.
    run.avoid(pick.endpoint)
    const startedAt = run.takeNow()
    const trial = attempt(run, pick, startedAt)
    this.#begun.set(trial, startedAt)
    void trial.ended.then((result) => {
      this.#begun.delete(trial)
      this.#arrived.push({ trial, result, begunAt: startedAt })
      this.#wake()
    })
    return trial
  }

  /** A pick of somebody not asked yet; undefined when there is nobody. */
  pickAnother(): Pick | undefined {
    const pick = this.#run.acquireAgain()
    if (typeof pick === 'string') return undefined
    if (!this.#run.tried?.has(pick.endpoint)) return pick
    pick.done('cancelled')
    return undefined
  }

  /** The next to arrive; undefined when none does within `ms`. */
  async next(ms?: number): Promise<Arrival<T> | undefined> {
    const arrived = this.#arrived.shift()
    if (arrived) return arrived
    await new Promise<void>((resolve) => {
      const cancel = ms === undefined ? () => {} : this.#run.source.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    return this.#arrived.shift()
  }

  /**
   * Ends those still under way, and tells how long each had taken by then. Those begun before the winner, at `wonAt`, were
   * overtaken by it.
   */
  close(wonAt: number = -Infinity): number[] {
    if (this.#begun.size === 0) return []
    const now = this.#run.source.clock.now()
    const taken = [...this.#begun.values()].map((begun) => now - begun)
    for (const [trial, begunAt] of [...this.#begun]) {
      trial.abort(begunAt < wonAt ? new Overtaken() : superseded())
    }
    return taken
  }
}
