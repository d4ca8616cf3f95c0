import type { Random } from '@rollcall/core'

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** The one in the middle by what `of` says: a whole measurement, and no mixture of several. */
export function middleBy<T>(measurements: readonly T[], of: (one: T) => number): T {
  return measurements.toSorted((a, b) => of(a) - of(b))[measurements.length >> 1]!
}

/** What one thing costs more than another, from measurements taken next to each other: the median of differences. */
export function pairedDifference(ours: readonly number[], reference: readonly number[]): number {
  return median(ours.map((value, i) => value - reference[i]!))
}

/** The list itself, shuffled. */
export function shuffle<T>(list: T[], random: Random): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = (random() >>> 0) % (i + 1)
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
  return list
}
