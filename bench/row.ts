/** One measured thing beside its reference, both taken in the same run. Only the ratio travels between machines. */
export interface Row {
  readonly name: string
  readonly ours: number
  readonly reference: Reference
  /** Ours over the reference: less is better. */
  readonly ratio: number
  readonly target?: Target
}

export interface Reference {
  /** `floor`: the least that any code must do. `peer`: what another package does. */
  readonly name: `floor: ${string}` | `peer: ${string}`
  readonly value: number
  readonly unit: string
}

/** What we want of a row, and what we got. */
export interface Target {
  readonly wanted: string
  readonly seen: string
  readonly met: boolean
  /** What part of what is allowed was used, where that is a number: more than 1 is too much. */
  readonly used?: number
}

export function row(name: string, ours: number, reference: Reference, target?: Target): Row {
  return { name, ours, reference, ratio: ours / reference.value, ...(target && { target }) }
}

/** A row that may be at most so many times its reference. Less than one is said as it is meant: so many times less. */
export function rowAtMost(most: number, name: string, ours: number, reference: Reference): Row {
  const { ratio } = row(name, ours, reference)
  const times = (value: number): string => (most < 1 ? `1/${figure(1 / value)}` : `x ${value.toFixed(2)}`)
  const wanted = most < 1 ? `at most 1/${figure(1 / most)}` : `at most x ${most}`
  const target = { wanted, seen: times(ratio), met: ratio <= most, used: ratio / most }
  return row(name, ours, reference, target)
}

const figure = (value: number): string => value.toFixed(value < 10 ? 1 : 0)

/** How much of everything is measured. */
export interface Effort {
  /** Seconds instead of minutes: to see that it runs, and not how fast. */
  readonly quick: boolean
  /** Says what is being done, for whoever waits. */
  progress(text: string): void
}
