import { fraction, fractionOf, type Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import { nextKey } from '../key.js'
import type { Balancer, BalancerName, BalancerPlan } from './balancer.js'
import type { Chooser, Note } from './chooser.js'
import { hash32 } from './hash.js'
import { planOf } from './plan-of.js'
import { settingsOf } from '../../settings.js'
import { Warmth } from './warmth.js'

export interface SlowStartOptions {
  /** Milliseconds until an endpoint has its full share; 60000 by default. */
  readonly windowMs?: number
  /** 1 by default: the share grows in proportion to time. Above 1 it grows faster at first, below 1 slower. */
  readonly aggression?: number
  /** The share to begin with, above 0 to 1; 0.1 by default. */
  readonly least?: number
}

/** What `slowStart` takes besides the balancer. */
export const slowStartOptions = {
  windowMs: {
    type: 'number',
    default: 60_000,
    min: 1,
    max: 86_400_000,
    about: 'milliseconds until an endpoint has its full share',
  },
  aggression: {
    type: 'number',
    default: 1,
    min: 0.01,
    max: 100,
    about: 'above 1 the share grows faster at first, below 1 slower',
  },
  least: { type: 'number', default: 0.1, min: 0.001, max: 1, about: 'the share to begin with' },
} as const

/** How often the inner balancer is asked for one pick, at most: then its last choice stands. */
const mostAsked = 16

/** How often in a row it may choose the same one: `leastRequest({ choices: 'all' })` would go on choosing the idlest. */
const mostSame = 4

/** Any other than what the inner balancer hashes with: its choice and the acceptance must not go together. */
const seed = 0x51075

/**
 * Gives an endpoint that is new, or back from an ejection, a share that grows over a window, whatever the balancer
 * within: max(least, (max(age, 1 s) / windowMs)^(1 / aggression)) of what that balancer would give it (Envoy's formula).
 * A younger one is accepted with this chance, by comparison with the oldest candidate; otherwise the balancer is asked
 * again. With a key, key and endpoint decide instead of chance: while the share grows a key moves to it once, and stays.
 *
 * Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function slowStart(
  inner: BalancerName | Balancer | BalancerPlan,
  options: SlowStartOptions = {},
): BalancerPlan {
  const pace = settingsOf('slowStart', slowStartOptions, options)
  const plan = planOf(inner, 'slowStart.inner')
  const { decayMs } = plan
  return {
    name: 'slow-start',
    ...(decayMs !== undefined && { decayMs }),
    make(tools) {
      const { clock, random } = tools
      return new Acceptance(plan.make(tools), new Warmth(pace, clock), random).choose
    },
  }
}

/** Asks a chooser until it chooses somebody who is accepted. */
class Acceptance {
  readonly #inner: Chooser
  readonly #warmth: Warmth
  readonly #random: Random

  constructor(inner: Chooser, warmth: Warmth, random: Random) {
    this.#inner = inner
    this.#warmth = warmth
    this.#random = random
  }

  readonly choose: Chooser = (candidates, key, note) => {
    const place = this.#inner(candidates, key, note)
    if (!this.#warmth.isOver(candidates)) return this.#settle(place, candidates, key, note)
    note?.({ balancer: 'slow-start', because: 'nobody is warming up' })
    return place
  }

  #settle(first: number, candidates: readonly Endpoint[], key: string | undefined, note?: Note): number {
    let place = first
    for (let asked = 1, same = 1; asked < mostAsked; asked++) {
      if (this.#accepts(place, candidates, key, note)) return place
      const next = this.#ask(candidates, key === undefined ? key : nextKey(key, asked), same, note)
      same = next === place ? same + 1 : 1
      place = next
    }
    note?.({ balancer: 'slow-start', because: `asked ${mostAsked} times: the last choice stands` })
    return place
  }

  #accepts(place: number, candidates: readonly Endpoint[], key: string | undefined, note?: Note): boolean {
    if (!this.#warmth.isWarm(place)) return this.#admits(candidates[place]!, key, note)
    note?.({
      balancer: 'slow-start',
      because: 'warm',
      considered: candidates.slice(place, place + 1).map(({ instance: { id } }) => ({ id, share: 1 })),
    })
    return true
  }

  #admits(endpoint: Endpoint, key: string | undefined, note?: Note): boolean {
    const share = this.#warmth.shareOf(endpoint)
    const accepted = share >= 1 || this.#spot(key, endpoint.instance.id) < share
    const verdict = accepted ? 'accepted' : 'passed over'
    note?.({
      balancer: 'slow-start',
      because: share < 1 ? `warming up, and ${verdict}` : 'warm',
      considered: [{ id: endpoint.instance.id, share }],
    })
    return accepted
  }

  /** The inner balancer, unless it insists on one who was passed over: then anybody. */
  #ask(candidates: readonly Endpoint[], key: string | undefined, same: number, note?: Note): number {
    if (same < mostSame) return this.#inner(candidates, key, note)
    return Math.floor(this.#spot(key, '') * candidates.length)
  }

  /** In [0, 1): by chance, or always the same for a key and an id. */
  #spot(key: string | undefined, id: string): number {
    return key === undefined ? fraction(this.#random) : fractionOf(hash32(key, hash32(id, seed)))
  }
}
