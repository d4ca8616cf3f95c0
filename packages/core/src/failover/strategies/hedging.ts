import { again } from '../again.js'
import type { Trial, Unanswered } from '../attempt.js'
import { lastWord } from '../last-word.js'
import { Latencies } from '../latencies.js'
import { Race } from '../race.js'
import type { Run } from '../run.js'

/**
 * Failover that also asks another instance when the first is slow, and returns the first success; the others are aborted
 * and count as cancelled (Dean and Barroso, The Tail at Scale). One that a hedge overtook counts as `overtaken`: five of these
 * in a row eject like failures, or a frozen instance, whose calls are all hedged in time, would be asked for ever.
 *
 * - A hedge starts when there is no answer after `hedgeAfterMs`. By default this is the time within which 95 % of the
 *   view's recent calls succeeded, so that one call in twenty is hedged. While fewer than 20 are known it is half of
 *   `attemptTimeoutMs`: a guess that is too short would double the load of a service that is merely slow.
 * - At most `hedges` per call. They count among its `attempts`, draw on the view's retry budget, and go to instances not
 *   asked yet only.
 * - A failure while others are under way waits for these; else another attempt follows as in failover.
 */
export async function hedging<T>(run: Run<T>): Promise<T> {
  const { tools, plan } = run
  if (plan.hedgeAfterMs === undefined) tools.latencies ??= new Latencies()
  const race = new Race(run)
  const hedged = new Hedged(run, race)
  try {
    race.start(run.firstPick() ?? (await run.waitForPick()))
    return await hedged.outcome()
  } finally {
    const now = run.source.clock.now()
    // Without the slow ones that a hedge cut short, the 95 % would be of the fast ones, and fall with every hedge.
    for (const ms of race.close(hedged.wonAt)) if (!plan.signal?.aborted) tools.latencies?.record(ms, now)
  }
}

class Hedged<T> {
  readonly #run: Run<T>
  readonly #race: Race<T>
  readonly #afterMs: number
  readonly #hedges = new Set<Trial<T>>()
  #mayHedge = true
  /** When the attempt began that won, by the clock's `now`. */
  wonAt = -Infinity

  constructor(run: Run<T>, race: Race<T>) {
    this.#run = run
    this.#race = race
    this.#afterMs = hedgeAfterMs(run)
  }

  async outcome(): Promise<T> {
    for (;;) {
      const arrival = await this.#race.next(this.#mayHedge ? this.#afterMs : undefined)
      if (!arrival) {
        this.#hedge()
        continue
      }
      const { trial, result, begunAt } = arrival
      if (result.kind === 'over') throw result.error
      if (result.kind === 'answered') {
        if (this.#hedges.has(trial)) this.#run.tools.counts.hedgesWon++
        this.wonAt = begunAt
        return result.value
      }
      const end = this.#race.remaining === 0 ? await this.#startAgain(result) : undefined
      if (end !== undefined) return lastWord(this.#run, result, end)
      if (result.kind === 'bad') result.discard()
    }
  }

  /** Starts another attempt after a failure, or tells in words why not. */
  async #startAgain(failure: Unanswered<T>): Promise<string | undefined> {
    const pick = await again(this.#run, failure)
    if (typeof pick === 'string') return pick
    this.#race.start(pick)
    return undefined
  }

  #hedge(): void {
    const { tools, source, plan, begun, refusals } = this.#run
    const pick = begun - refusals < plan.attempts ? this.#race.pickAnother() : undefined
    if (pick && this.#run.draw()) {
      this.#hedges.add(this.#race.start(pick))
      tools.counts.hedges++
      source.report({ type: 'call.hedged', id: pick.instance.id, afterMs: this.#afterMs })
      this.#mayHedge = this.#hedges.size < plan.hedges
    } else {
      pick?.done('cancelled')
      this.#mayHedge = false
    }
  }
}

function hedgeAfterMs<T>({ plan, tools, source }: Run<T>): number {
  return plan.hedgeAfterMs ?? tools.latencies?.p95(source.clock.now()) ?? plan.attemptTimeoutMs / 2
}
