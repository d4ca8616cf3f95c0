import { badOption, fraction, show, type Random } from '@rollcall/core/adapter'
import { below } from './chance.js'
import { checkFields, checkNumber, unknownKind } from './check.js'

/**
 * What each call is about, for balancers that keep a key's calls together: one of `count` keys, all as likely as each
 * other; or the n-th in proportion to `1 / n ** exponent` (1 by default), as words, pages and customers mostly are; or
 * a function of one's own, given a source of 32-bit integers.
 */
export type Keys =
  | { readonly kind: 'uniform'; readonly count: number }
  | { readonly kind: 'zipf'; readonly count: number; readonly exponent?: number }
  | ((random: Random) => string)

const most = 10_000_000

/** Checks the keys and gives the way to draw one. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function keyDrawerOf(keys: Keys): (random: Random) => string {
  if (typeof keys === 'function') return keys
  if (typeof keys !== 'object' || keys === null) {
    throw badOption(
      'keys',
      `is ${show(keys)}`,
      "give { kind: 'uniform', count }, { kind: 'zipf', count } or a function",
    )
  }
  checkFields('keys', keys, keys.kind === 'zipf' ? ['kind', 'count', 'exponent'] : ['kind', 'count'])
  if (keys.kind !== 'uniform' && keys.kind !== 'zipf') {
    throw unknownKind('keys', (keys as { kind: unknown }).kind, ['uniform', 'zipf'])
  }
  const count = checkNumber('keys.count', keys.count, { min: 1, max: most, integer: true })
  if (keys.kind === 'uniform') return (random) => `key-${below(random, count)}`
  return zipf(count, checkNumber('keys.exponent', keys.exponent ?? 1, { min: 0, max: 10 }))
}

function zipf(count: number, exponent: number): (random: Random) => string {
  const upTo = new Float64Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) upTo[i] = sum += 1 / (i + 1) ** exponent
  return (random) => `key-${firstAbove(upTo, fraction(random) * sum)}`
}

/** The first place whose value is above `wanted`. */
function firstAbove(sorted: Float64Array, wanted: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! > wanted) high = middle
    else low = middle + 1
  }
  return low
}
