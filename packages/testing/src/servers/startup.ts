import type { Readiness, Recipe } from './recipe.js'
import type { Runner } from './runner.js'
import { ServerError } from './server-error.js'
import { until } from './until.js'

/** One attempt to bring a server up, within a limit of time. Fails with `SERVER_FAILED` and the server's own words. */
export class Startup {
  readonly #description: string
  readonly #recipe: Recipe
  readonly #runner: Runner
  readonly #limitMs: number
  readonly #end: number

  constructor(description: string, recipe: Recipe, runner: Runner, limitMs: number) {
    this.#description = description
    this.#recipe = recipe
    this.#runner = runner
    this.#limitMs = limitMs
    this.#end = performance.now() + limitMs
  }

  async launch(): Promise<void> {
    try {
      await this.#runner.launch()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new ServerError('SERVER_FAILED', `${this.#description} cannot be started: ${why}`, {
        cause: error,
      })
    }
  }

  /** Waits until it is at least this far, and returns when that was seen, as `performance.now()`. */
  async reach(least: 'answering' | 'ready'): Promise<number> {
    let ended: string | undefined
    // A server that has just begun to listen may forget a first question: better to ask again soon, but ever less so,
    // since on a busy machine a slow answer is the rule.
    let patienceMs = 50
    const isThere = async (): Promise<boolean> => {
      ended = await this.#runner.ended()
      if (ended !== undefined) return true
      const before = performance.now()
      const now = await this.#probe(patienceMs)
      if (performance.now() - before >= patienceMs) patienceMs = Math.min(patienceMs * 2, 2_000)
      return now === 'ready' || now === least
    }
    const isReached = await until(isThere, this.#end - performance.now())
    // Whoever looked too late, held up by the machine say, must not find in time what was not.
    const seenAt = performance.now()
    if (isReached && ended === undefined && seenAt <= this.#end) return seenAt
    const isLate = isReached && ended === undefined
    const why =
      ended ?? `is not ${isLate ? `seen to be ${least} within` : `${least} after`} ${this.#limitMs} ms`
    const output = await this.#runner.output()
    throw new ServerError('SERVER_FAILED', `${this.#description} ${why}; its output:\n${output}`)
  }

  #probe(withinMs: number): Promise<Readiness> {
    return this.#recipe.probe(this.#runner.address, withinMs).catch((): Readiness => 'silent')
  }
}
