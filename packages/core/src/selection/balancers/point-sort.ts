const digitBits = 11
const digits = 2 ** digitBits

/** Points on a circle, each with its owner at the same place. */
export interface OwnedPoints {
  readonly at: Int32Array
  readonly owners: Uint32Array
}

/**
 * Sorts the first `length` points ascending as signed integers, and their owners with them, from `from` into `to`, using
 * both. Equal points keep their order. A radix sort of three digits: linear, and several times as fast as V8's own sort
 * of point and owner packed into one double.
 */
export function sortPoints(from: OwnedPoints, to: OwnedPoints, length: number): void {
  spread(from, to, length, 0)
  spread(to, from, length, digitBits)
  spread(from, to, length, 2 * digitBits)
}

/** One pass: orders by one digit. The sign bit is turned, so that negative points come first. */
function spread(from: OwnedPoints, to: OwnedPoints, length: number, shift: number): void {
  const { at, owners } = from
  const { at: toAt, owners: toOwners } = to
  const next = new Uint32Array(digits + 1)
  for (let i = 0; i < length; i++) next[digitOf(at[i]!, shift) + 1]!++
  for (let digit = 1; digit <= digits; digit++) next[digit]! += next[digit - 1]!
  for (let i = 0; i < length; i++) {
    const place = next[digitOf(at[i]!, shift)]!++
    toAt[place] = at[i]!
    toOwners[place] = owners[i]!
  }
}

function digitOf(point: number, shift: number): number {
  return ((point ^ 0x80000000) >>> shift) & (digits - 1)
}
