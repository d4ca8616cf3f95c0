/** A power of two, so that walking around needs no division. */
const count = 1024

/** Keys of 16 characters, as sessions and users have them: parsed, so no two are parts of one string. */
export const keys: readonly string[] = Array.from({ length: count }, (_, i) => keyAt(i))

export function keyAt(i: number): string {
  return Buffer.from(`user-${String(i * 7919).padStart(11, '0')}`).toString()
}

/** The keys in turn, for ever. */
export function keyWalk(): () => string {
  return walk(keys)
}

export function requestWalk(): () => { readonly key: string } {
  return walk(keys.map((key) => ({ key })))
}

function walk<T>(list: readonly T[]): () => T {
  let next = 0
  return () => list[(next = (next + 1) & (count - 1))]!
}
