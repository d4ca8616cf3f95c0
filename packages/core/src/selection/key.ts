import { badOption, show } from '../options.js'

/** What calls may be kept together by. */
export type Key = string | number | bigint | boolean

/**
 * A key as text, which is all that balancers see: 1, 1n and '1' are the same key, and so are 0 and -0, true and 'true'.
 *
 * Throws BAD_OPTION for what is no key. NaN is none: it is what a failed `Number(id)` leaves, and would quietly send
 * all of these to one instance. An empty text is a key like any other.
 */
export function keyText(key: unknown): string {
  switch (typeof key) {
    case 'string':
      return key
    case 'number':
      if (Number.isNaN(key)) break
      return String(key)
    case 'bigint':
    case 'boolean':
      return String(key)
    default:
  }
  throw badOption('key', `is ${show(key)}`, 'give a string, a number, a bigint or a boolean')
}

const mark = '\u0000#'

/** The key by which a balancer is asked again, when its choice for a key can't be had: always the same ones. */
export function nextKey(key: string, turn: number): string {
  return `${key}${mark}${turn}`
}

/** What the caller gave, of a key that may be a derived one. */
export function givenKey(key: string | undefined): string | undefined {
  const at = key?.indexOf(mark) ?? -1
  return at < 0 ? key : key?.slice(0, at)
}
