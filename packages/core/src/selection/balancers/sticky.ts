import type { Clock } from '../../clock.js'
import { badOption, show } from '../../options.js'
import type { Endpoint } from '../endpoint.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, Note } from './chooser.js'
import { Homes, type Home } from './homes.js'
import { settingsOf } from '../../settings.js'
import { weighted } from './weighted.js'

export interface StickyOptions {
  /** How many keys are remembered at most, 10,000 by default; beyond, the one used least recently is forgotten. */
  most?: number
  /** After how many milliseconds without use a key is forgotten, 600,000 (ten minutes) by default. */
  idleMs?: number
}

/** What `sticky` takes; documentation and checks are made of it. */
export const stickyOptions = {
  most: {
    type: 'number',
    default: 10_000,
    min: 1,
    max: 10_000_000,
    integer: true,
    about: 'how many keys are remembered at most',
  },
  idleMs: {
    type: 'number',
    default: 600_000,
    min: 1,
    max: 2_147_483_647,
    about: 'after how long without use a key is forgotten, in milliseconds',
  },
} as const

/**
 * Sends a key to where it went before, for as long as that endpoint is a candidate; the inner plan, `weighted()` by
 * default, chooses for those that are new or have lost theirs. Once it has moved, a key stays where it is when its former
 * endpoint comes back. Without a key, all calls go to one endpoint. An instance that was restarted is the same if its id
 * is the same.
 *
 * This process alone remembers, about 200 bytes for each key, and forgets when it ends; what is to hold in all processes
 * is for `ring`, `maglev` or `rendezvous`.
 *
 * `inner` is a plan as `weighted()` makes it, not a name. Throws BAD_OPTION and UNKNOWN_OPTION.
 */
export function sticky(inner: BalancerPlan = weighted(), options: StickyOptions = {}): BalancerPlan {
  if (typeof inner?.make !== 'function')
    throw badOption('sticky.inner', `is ${show(inner)}`, 'give a plan, such as ring() makes')
  const { decayMs } = inner
  const { most, idleMs } = settingsOf('sticky', stickyOptions, options)
  return {
    name: 'sticky',
    ...(decayMs !== undefined && { decayMs }),
    make: (tools) => new Sticky(inner.make(tools), new Homes(most, idleMs), tools.clock).choose,
  }
}

class Sticky {
  readonly #inner: Chooser
  readonly #homes: Homes
  readonly #clock: Clock
  /** Where calls without a key go: never idle. */
  readonly #keyless = new Homes(1, Infinity).add('', 0)
  #candidates: readonly Endpoint[] = []
  /** By id; made when a home is looked for after a change. */
  #places: ReadonlyMap<string, number> | undefined
  /** Counts the changes, so that a home found since the last one is known to be right without a look at its endpoint. */
  #updates = 0

  constructor(inner: Chooser, homes: Homes, clock: Clock) {
    this.#inner = inner
    this.#homes = homes
    this.#clock = clock
  }

  readonly choose: Chooser = (candidates, key, note) => {
    if (candidates !== this.#candidates) this.#meet(candidates)
    const home = key === undefined ? this.#keyless : this.#homeOf(key)
    if (home.update !== this.#updates && !this.#finds(home)) return this.#settle(home, key, note)
    note?.(reasonToStay)
    return home.place
  }

  #meet(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates
    this.#places = undefined
    this.#updates++
  }

  #homeOf(key: string): Home {
    const now = this.#clock.now()
    return this.#homes.find(key, now) ?? this.#homes.add(key, now)
  }

  /** Whether the home of an earlier update is still there; if so, its place is right again. */
  #finds(home: Home): boolean {
    if (home.update === 0) return false
    this.#places ??= new Map(this.#candidates.map(({ instance }, place) => [instance.id, place]))
    const place = this.#places.get(home.id)
    if (place === undefined) return false
    home.place = place
    home.update = this.#updates
    return true
  }

  #settle(home: Home, key: string | undefined, note: Note | undefined): number {
    const place = this.#inner(this.#candidates, key, note)
    const chosen = this.#candidates[place]
    // A place that is none: whoever asked for a choice says what is wrong with it.
    if (!chosen) return place
    home.place = place
    home.id = chosen.instance.id
    note?.(home.update === 0 ? reasonToSettle : reasonToMove)
    home.update = this.#updates
    return place
  }
}

const reasonToStay = { balancer: 'sticky', because: 'the key went there before' }
const reasonToSettle = { balancer: 'sticky', because: 'the key is new, or was forgotten' }
const reasonToMove = { balancer: 'sticky', because: "the key's former endpoint is no candidate" }
