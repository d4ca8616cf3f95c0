import { fraction, xorshift32, type Random } from '@rollcall/core/adapter'

/**
 * A source of chance of its own for each part of a simulation, so that one part drawing more often leaves the others as
 * they were: two balancers meet the same calls at the same times. The name is mixed into the seed, and the sum
 * stirred (MurmurHash3's finish), for xorshift32 begins alike with seeds that are alike.
 */
export function chance(seed: number, name: string): Random {
  let hash = seed | 0
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return xorshift32(hash ^ (hash >>> 16))
}

/** An integer in [0, n). */
export function below(random: Random, n: number): number {
  return Math.floor(fraction(random) * n)
}
