/**
 * How a call ended, as far as the instance is concerned. `failed`: it answered badly, broke off or stayed silent.
 * `refused`: nobody listens at its address, which is a fact and no suspicion. `cancelled`: the caller hung up,
 * which says nothing about the server.
 */
export type Outcome = 'ok' | 'failed' | 'refused' | 'cancelled'

const outcomes: readonly unknown[] = ['ok', 'failed', 'refused', 'cancelled'] satisfies Outcome[]

export function isOutcome(value: unknown): value is Outcome {
  return outcomes.includes(value)
}
