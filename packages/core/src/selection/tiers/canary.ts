import { badOption, show } from '../../options.js'
import type { Endpoint } from '../endpoint.js'
import { checkMatch, matches, type Match } from './match.js'
import { callable, type LevelHealth } from './priority-load.js'
import { inProportion } from './proportion.js'
import { required, settingsOf } from '../../settings.js'

/** A part of the instances that gets a fixed share of the calls, however many they are. */
export interface CanaryOptions {
  /** As it appears in explanations; `canary 1` for the first by default. */
  name?: string
  /** Who belongs to it. An instance that fits several belongs to the first of them. */
  match: Match
  /** Its share of all calls, 0 to 1. */
  share: number
}

/** What each of `canary` takes; documentation and checks are made of it. */
export const canaryOptions = {
  name: { type: 'string', about: 'as it appears in explanations; `canary 1` for the first by default' },
  match: { type: 'value', about: 'who belongs to it' },
  share: { type: 'number', min: 0, max: 1, about: 'its share of all calls' },
} as const

export interface Canary {
  readonly name: string
  readonly match: Match
  readonly share: number
}

/** A canary's endpoints, or those that belong to none, named `rest`; `all` where there are no canaries. */
export interface Part {
  readonly name: string
  /** Of all calls, 0 to 1. */
  readonly share: number
  readonly endpoints: readonly Endpoint[]
}

/** How many of a part are there, and healthy. */
export interface PartHealth extends LevelHealth {
  readonly name: string
  readonly share: number
}

const rest = 'rest'

// 1 - 0.7 - 0.2 - 0.1 is no zero.
const dust = 1e-9

/** Throws BAD_OPTION and UNKNOWN_OPTION. A single canary need not be put into a list. */
export function canaryPolicy(
  options: CanaryOptions | readonly CanaryOptions[],
  option = 'canary',
): readonly Canary[] {
  const canaries = Array.isArray(options)
    ? options.map((each, i) => checkCanary(each as CanaryOptions, `${option}[${i}]`, i))
    : [checkCanary(options as CanaryOptions, option, 0)]
  const names = [rest, ...canaries.map(({ name }) => name)]
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) {
    throw badOption(option, `has a name that is taken, ${show(twice)}`, 'give each a name of its own')
  }
  const sum = canaries.reduce((total, { share }) => total + share, 0)
  if (sum > 1 + dust)
    throw badOption(option, `has shares that add up to ${sum}`, 'keep their sum at 1 at most')
  return canaries
}

function checkCanary(options: CanaryOptions, option: string, place: number): Canary {
  const { name = `canary ${place + 1}`, match, share } = settingsOf(option, canaryOptions, options)
  const checked = checkMatch(
    required(`${option}.match`, match, 'say who belongs to it') as Match,
    `${option}.match`,
  )
  if (Object.keys(checked).length === 0) {
    throw badOption(`${option}.match`, 'names nothing', 'say what its instances have in common')
  }
  return { name, match: checked, share: required(`${option}.share`, share, 'give a number from 0 to 1') }
}

/**
 * The endpoints in parts: each canary's, in the order given, and the rest's. Who fits several canaries belongs to the
 * first of them; the rest gets whatever share the canaries leave. Empty parts are left out: see `partLoads`.
 */
export function split(endpoints: readonly Endpoint[], canaries: readonly Canary[]): Part[] {
  const parts = partsOf(endpoints, canaries).filter((part) => part.endpoints.length > 0)
  const shares = partLoads(parts.map(wholly))
  return parts.map((part, i) => ({ ...part, share: shares[i]! }))
}

/**
 * The parts' shares of all calls, with a sum of 1, now that so many of each are healthy.
 *
 * A part in which nobody is gets nothing; its share goes to the others in proportion to theirs. Where all of these have a
 * share of 0, the rest takes all; where only canaries of share 0 are left, they share by size. So a canary of share
 * 0 gets no call as long as anybody else is healthy. If nobody at all is, health is not looked at.
 */
export function partLoads(parts: readonly PartHealth[]): number[] {
  const isAnybody = parts.some(({ healthy }) => healthy > 0)
  const live = parts.filter((part) => (isAnybody ? part.healthy : callable(part)) > 0)
  const shares = inProportion(live.map(amountIn(live)))
  return parts.map((part) => shares[live.indexOf(part)] ?? 0)
}

function partsOf(endpoints: readonly Endpoint[], canaries: readonly Canary[]): Part[] {
  if (canaries.length === 0) return [{ name: 'all', share: 1, endpoints }]
  const lists: Endpoint[][] = Array.from({ length: canaries.length + 1 }, () => [])
  for (const endpoint of endpoints) {
    const place = canaries.findIndex(({ match }) => matches(endpoint.instance, match))
    // The last list is the rest's: where -1 leads to.
    lists.at(place)!.push(endpoint)
  }
  const left = canaries.reduce((share, canary) => share - canary.share, 1)
  const shares = [...canaries, { name: rest, share: left < dust ? 0 : left }]
  return shares.map(({ name, share }, i) => ({ name, share, endpoints: lists[i]! }))
}

function amountIn(parts: readonly PartHealth[]): (part: PartHealth) => number {
  if (parts.some(({ share }) => share > 0)) return ({ share }) => share
  if (parts.some(({ name }) => name === rest)) return ({ name }) => (name === rest ? 1 : 0)
  return callable
}

function wholly({ name, share, endpoints }: Part): PartHealth {
  return { name, share, healthy: endpoints.length, total: endpoints.length }
}
