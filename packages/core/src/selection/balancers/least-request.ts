import { badOption, show } from '../../options.js'
import { fraction, type Random } from '../../random.js'
import type { BalancerPlan } from './balancer.js'
import type { ChoiceReason, Chooser, ChooserTools, Note } from './chooser.js'
import { Lot, second } from './draw.js'
import { Loads } from './loads.js'
import { settingsOf } from '../../settings.js'

export interface LeastRequestOptions {
  /** How many are drawn and compared, 2 to 16, or `all`; 2 by default. */
  readonly choices?: number | 'all'
  /** How much calls in flight count, 0 to 10; 1 by default. At 0 weights alone count. */
  readonly bias?: number
}

/** What `leastRequest` takes. */
export const leastRequestOptions = {
  choices: { type: 'value', about: 'how many are drawn and compared: 2 to 16, or all; 2 by default' },
  bias: { type: 'number', default: 1, min: 0, max: 10, about: 'how much calls in flight count' },
} as const

/**
 * Draws two and takes the one with fewer of this process' calls in flight: nearly as even as asking all, at a cost that
 * does not grow with their number (Mitzenmacher's power of two choices, 1996). Where weights differ, the one with more
 * weight / (inFlight + 1)^bias, as Envoy has it. Among equals chance decides.
 *
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function leastRequest(options: LeastRequestOptions = {}): BalancerPlan {
  const { choices, bias } = settingsOf('leastRequest', leastRequestOptions, options)
  const count = checkChoices(choices ?? 2)
  return { name: 'least-request', make: (tools) => chooserOf(count, tools, bias) }
}

function checkChoices(choices: unknown): number | 'all' {
  const isCount = Number.isInteger(choices) && (choices as number) >= 2 && (choices as number) <= 16
  if (choices === 'all' || isCount) return choices as number | 'all'
  throw badOption('leastRequest.choices', `is ${show(choices)}`, "give a whole number from 2 to 16, or 'all'")
}

function chooserOf(choices: number | 'all', { random }: ChooserTools, bias: number): Chooser {
  if (choices === 'all') return leastOfAll(random, bias)
  return choices === 2 ? lesserOfTwo(random, bias) : leastOfSome(random, bias, choices)
}

function lesserOfTwo(random: Random, bias: number): Chooser {
  let loads = new Loads([], bias)
  return (candidates, _key, note) => {
    if (candidates !== loads.candidates) loads = new Loads(candidates, bias)
    if (candidates.length === 1) return onlyOne(loads, note)
    const spot = fraction(random) * candidates.length
    const first = Math.floor(spot)
    const other = second(spot, first, candidates.length)
    const place = loads.compare(other, first) < 0 ? other : first
    note?.(reason('the less loaded of 2 drawn', loads, [first, other]))
    return place
  }
}

function leastOfSome(random: Random, bias: number, choices: number): Chooser {
  let loads = new Loads([], bias)
  let lot = new Lot(random, 0)
  return (candidates, _key, note) => {
    if (candidates !== loads.candidates) {
      loads = new Loads(candidates, bias)
      lot = new Lot(random, candidates.length)
    }
    if (candidates.length === 1) return onlyOne(loads, note)
    const count = Math.min(choices, candidates.length)
    let place = lot.draw(0)
    for (let nth = 1; nth < count; nth++) {
      const drawn = lot.draw(nth)
      if (loads.compare(drawn, place) < 0) place = drawn
    }
    note?.(reason(`the least loaded of ${count} drawn`, loads, lot.drawn(count)))
    return place
  }
}

function leastOfAll(random: Random, bias: number): Chooser {
  let loads = new Loads([], bias)
  return (candidates, _key, note) => {
    if (candidates !== loads.candidates) loads = new Loads(candidates, bias)
    const place = loads.drawLeast(random)
    note?.(reason('the least loaded of all', loads, candidates.keys()))
    return place
  }
}

function onlyOne(loads: Loads, note: Note | undefined): number {
  note?.(reason('the only one', loads, [0]))
  return 0
}

function reason(because: string, loads: Loads, places: Iterable<number>): ChoiceReason {
  return { balancer: 'least-request', because, considered: loads.considered(places) }
}
