/** Chance, injected: every call yields a 32-bit signed integer, all equally likely. */
export type Random = () => number

/**
 * Marsaglia's xorshift32. An int32 stays a small integer in V8, so that a draw allocates nothing;
 * `Math.random` costs 16 bytes.
 */
export function xorshift32(seed: number): Random {
  let state = seed | 0 || 0x9e3779b9 | 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  }
}

export function systemRandom(): Random {
  return xorshift32((Math.random() * 2 ** 32) | 0)
}

/** A number in [0, 1). */
export function fraction(random: Random): number {
  return fractionOf(random())
}

/** The same of 32 bits that are there already, as of a hash. */
export function fractionOf(bits: number): number {
  return (bits >>> 0) / 2 ** 32
}

/** An integer in [0, n). The bias of multiplying instead of rejecting is n / 2^32. */
export function below(random: Random, n: number): number {
  return Math.floor(fraction(random) * n)
}
