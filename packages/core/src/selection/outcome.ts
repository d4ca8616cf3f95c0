/**
 * How a call ended, as far as the instance is concerned. `failed`: it answered badly, broke off or stayed silent.
 * `refused`: nobody listens at its address, which is a fact and no suspicion. `overtaken`:
 * it was given up because an instance that was asked later had answered; five of these in a row look like failures, but
 * rates don't count them. `cancelled`: the caller hung up, which says nothing about the server.
 */
export type Outcome = 'ok' | 'failed' | 'refused' | 'overtaken' | 'cancelled'

const outcomes: readonly unknown[] = ['ok', 'failed', 'refused', 'overtaken', 'cancelled'] satisfies Outcome[]

export function isOutcome(value: unknown): value is Outcome {
  return outcomes.includes(value)
}
