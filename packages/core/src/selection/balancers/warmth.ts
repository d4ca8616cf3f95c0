import type { Clock } from '../../clock.js'
import type { Endpoint } from '../endpoint.js'

/** How fast shares grow: see `SlowStartOptions`. */
export interface Pace {
  readonly windowMs: number
  readonly aggression: number
  readonly least: number
}

/** Until this age a share does not grow, as Envoy has it. */
const firstMs = 1000

/** The share of what it would otherwise get that falls on an endpoint of an age, all in milliseconds. */
export function shareAt(ageMs: number, { windowMs, aggression, least }: Pace): number {
  const part = Math.max(ageMs, firstMs) / windowMs
  return part >= 1 ? 1 : Math.max(least, part ** (1 / aggression))
}

/**
 * Knows who of the candidates is warming up. The time belongs to each endpoint, so that nobody's coming sets another one
 * back. Looks at the clock only for somebody who may still be warming, and at no endpoint when nobody can be.
 */
export class Warmth {
  readonly #pace: Pace
  readonly #clock: Clock
  #candidates: readonly Endpoint[] = []
  /** When the first and the last of them began. */
  #oldest = 0
  #youngest = 0
  /** Some may be given back at any time: then they begin anew, though the candidates stay the same. */
  #mayReturn = false
  #isOver = true
  /** By place, 1 for those who are warming up or may begin to: of the others nothing need be read. */
  #suspects = new Uint8Array(0)
  /** What the clock last said. */
  #seen = 0

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace
    this.#clock = clock
  }

  /** Whether nobody is warming up, nor can begin to while the candidates stay the same. */
  isOver(candidates: readonly Endpoint[]): boolean {
    if (candidates !== this.#candidates) this.#look(candidates)
    return this.#isOver
  }

  /** Whether the one at `place` of the candidates that `isOver` was asked about is not warming up, nor can begin to. */
  isWarm(place: number): boolean {
    return this.#suspects[place] !== 1
  }

  /** The endpoint's share by comparison with the oldest: where all are equally new nobody is to be spared. */
  shareOf(endpoint: Endpoint): number {
    const began = beginOf(endpoint)
    if (began + this.#pace.windowMs <= this.#seen) return 1
    if (began > this.#youngest) this.#look(this.#candidates)
    else this.#readClock()
    const share = shareAt(this.#seen - began, this.#pace)
    const isFull = share === 1 || this.#oldest + this.#pace.windowMs <= this.#seen
    return isFull ? share : share / shareAt(this.#seen - this.#oldest, this.#pace)
  }

  #look(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates
    this.#oldest = Infinity
    this.#youngest = -Infinity
    this.#mayReturn = false
    this.#suspects = new Uint8Array(candidates.length)
    this.#seen = this.#clock.now()
    for (let i = 0; i < candidates.length; i++) {
      const began = beginOf(candidates[i]!)
      const mayReturn = candidates[i]!.ejectedFor !== undefined
      this.#oldest = Math.min(this.#oldest, began)
      this.#youngest = Math.max(this.#youngest, began)
      this.#mayReturn ||= mayReturn
      if (mayReturn || began + this.#pace.windowMs > this.#seen) this.#suspects[i] = 1
    }
    this.#judge()
  }

  #readClock(): void {
    this.#seen = this.#clock.now()
    this.#judge()
  }

  #judge(): void {
    this.#isOver = !this.#mayReturn && this.#seen >= this.#youngest + this.#pace.windowMs
  }
}

/** `returnedAt` is 0 before any return; but who is older than the clock was born before 0. */
function beginOf({ bornAt, returnedAt }: Endpoint): number {
  return returnedAt > 0 ? Math.max(bornAt, returnedAt) : bornAt
}
