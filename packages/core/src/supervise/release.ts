import type { Adapter } from '../contract.js'
import type { Instance } from '../instance.js'
import { attempt, follower } from './attempt.js'
import { keepTrying, type Supervision } from './keep-trying.js'

export interface ReleaseTools {
  readonly adapter: Adapter
  readonly supervision: Supervision
  readonly verbMs: number
}

/** Tells the store that the instance has left, until it succeeds or the signal is aborted. Resolves to whether it did. */
export async function release(
  instance: Instance,
  tools: ReleaseTools,
  signal: AbortSignal,
): Promise<boolean> {
  const { adapter, supervision, verbMs } = tools
  if (!adapter.release) return false
  const trying = follower(signal)
  let released = false
  const what = `${adapter.name}: releasing ${instance.id}`
  const limits = { clock: supervision.clock, limitMs: verbMs, signal: trying.signal, what }
  const once = async (): Promise<void> => {
    await attempt(limits, (own) => adapter.release!(instance, own))
    released = true
    trying.end(undefined)
  }
  await keepTrying(supervision, trying.signal, once, () => {})
  trying.end(undefined)
  return released
}
