import { sleep, type Clock } from '../clock.js'
import type { Random } from '../random.js'
import { Backoff, type BackoffRange } from './backoff.js'

/** What all supervision shares. */
export interface Supervision {
  readonly clock: Clock
  readonly random: Random
  readonly backoff: BackoffRange
}

/**
 * The one loop that reconnects. Runs `once` until the signal is aborted: again at once when it returns, after a
 * backoff when it throws. `once` calls `succeeded` at the first sign that the store really serves (a listing, a
 * lease; a mere connection proves nothing), which makes the next wait short again.
 */
export async function keepTrying(
  { clock, random, backoff: range }: Supervision,
  signal: AbortSignal,
  once: (succeeded: () => void) => Promise<void>,
  onFailure: (error: unknown, inMs: number) => void,
): Promise<void> {
  const backoff = new Backoff(random, range)
  while (!signal.aborted) {
    try {
      await once(() => backoff.reset())
    } catch (error) {
      if (signal.aborted) return
      const inMs = backoff.next(error)
      onFailure(error, inMs)
      await sleep(clock, inMs, signal).catch(() => {})
    }
  }
}
