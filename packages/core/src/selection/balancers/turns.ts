/** Takes turns by weight among the places of one array of candidates. */
export interface Turns {
  next(): number
  /** Where everybody stands, so that the turns of the next array go on from there. */
  standing(): Standing
}

/** Turns whose order repeats: as soon as the credits are again what they were. */
export interface PeriodicTurns extends Turns {
  readonly credits: Int32Array | Float64Array
}

/** What turns hand on when the candidates or their weights change. */
export interface Standing {
  /** By place: the picks it was due since the beginning less those it got. Mostly between -1 and 1. */
  readonly lags: Float64Array
  /** By rank: the same for rings, and the place that each comes by next. Empty where there are no rings. */
  readonly rings: ReadonlyMap<number, RingStanding>
}

interface RingStanding {
  readonly lag: number
  readonly next: number
}

/** What new turns begin with: the lags by the new places, and for each the place it had before. Newcomers: 0 and -1. */
export interface Inherited extends Standing {
  readonly former: Int32Array
}

/** Lets a former standing go on under new places. */
export function inherit(standing: Standing | undefined, former: Int32Array): Inherited {
  const lags = new Float64Array(former.length)
  if (standing) {
    for (let i = 0; i < lags.length; i++) if (former[i]! >= 0) lags[i] = standing.lags[former[i]!]!
  }
  balance(lags, (i) => former[i]! >= 0)
  return { lags, former, rings: standing?.rings ?? new Map() }
}

/**
 * Makes the lags of those concerned add up to 0 again. Whoever leaves takes his along; uncorrected, the others would
 * carry it for ever, and each coming and going would move them further away from the newcomers, who begin at 0.
 */
export function balance(lags: Float64Array, concerns: (i: number) => boolean): void {
  let sum = 0
  let count = 0
  for (let i = 0; i < lags.length; i++) {
    if (!concerns(i)) continue
    sum += lags[i]!
    count++
  }
  if (sum === 0) return
  for (let i = 0; i < lags.length; i++) if (concerns(i)) lags[i]! -= sum / count
}

/** After how many turns the order repeats: the sum of the weights, divided by what they have in common. */
export function periodOf(weights: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]!
  return sum / commonDivisor(weights)
}

/** Euclid's. */
export function commonDivisor(weights: ArrayLike<number>): number {
  let common = 0
  for (let i = 0; i < weights.length && common !== 1; i++) {
    for (let rest = weights[i]!; rest > 0;) [common, rest] = [rest, common % rest]
  }
  return common
}
