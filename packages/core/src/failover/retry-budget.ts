import { badOption, checkOption, show, unknownOption } from '../options.js'

export interface RetryBudgetOptions {
  /** Retries and hedges as a share of the calls of the last 10 s. 0.2 by default: 20 %. */
  share?: number
  /** Retries and hedges per second that are allowed however few the calls are. 10 by default. */
  floorPerSecond?: number
}

/** What `retryBudget` takes; documentation and checks are made of it. */
export const retryBudgetOptions = {
  share: {
    type: 'number',
    default: 0.2,
    min: 0,
    max: 1,
    about: 'retries and hedges as a share of recent calls',
  },
  floorPerSecond: {
    type: 'number',
    default: 10,
    min: 0,
    max: 1_000_000,
    about: 'retries and hedges per second that are always allowed',
  },
} as const

const slots = 10
const slotMs = 1_000

/**
 * How many retries and hedges a view may make, so that they don't multiply the load of a service that is down or slow
 * (Finagle's budget): over the last 10 s no more than a share of the calls, plus a floor.
 *
 * The floor counts for all of the 10 s: with 10 per second, 100 retries may come at once after a quiet time. Time
 * passes in slots of a second, the current one included, so that 9 to 10 s are looked back upon.
 */
export class RetryBudget {
  readonly #share: number
  readonly #floor: number
  readonly #calls = new Uint32Array(slots)
  readonly #retries = new Uint32Array(slots)
  #callsSum = 0
  #retriesSum = 0
  /** The current slot, counted from the clock's beginning. */
  #slot = 0
  #toldInSlot = -1

  constructor({ share, floorPerSecond }: RetryBudgetOptions = {}) {
    this.#share = share ?? retryBudgetOptions.share.default
    this.#floor = (floorPerSecond ?? retryBudgetOptions.floorPerSecond.default) * slots
  }

  /** Calls of the last 10 s. */
  get calls(): number {
    return this.#callsSum
  }

  /** Retries and hedges of the last 10 s. */
  get retries(): number {
    return this.#retriesSum
  }

  /** Counts a call. */
  count(now: number): void {
    const place = this.#placeAt(now)
    this.#calls[place]!++
    this.#callsSum++
  }

  /** Takes one retry or hedge out of it, if there is one left. */
  draw(now: number): boolean {
    const place = this.#placeAt(now)
    if (this.#retriesSum + 1 > this.#share * this.#callsSum + this.#floor) return false
    this.#retries[place]!++
    this.#retriesSum++
    return true
  }

  /** Whether its being used up should be told: once per slot. */
  mayTell(now: number): boolean {
    const slot = Math.floor(now / slotMs)
    if (slot === this.#toldInSlot) return false
    this.#toldInSlot = slot
    return true
  }

  /** Forgets what is older than the window, and tells where `now` is counted. */
  #placeAt(now: number): number {
    const slot = Math.floor(now / slotMs)
    const passed = Math.min(slots, slot - this.#slot)
    if (passed > 0) this.#forget(slot, passed)
    return slot % slots
  }

  #forget(slot: number, passed: number): void {
    for (let i = 0; i < passed; i++) {
      const place = (slot - i) % slots
      this.#callsSum -= this.#calls[place]!
      this.#retriesSum -= this.#retries[place]!
      this.#calls[place] = 0
      this.#retries[place] = 0
    }
    this.#slot = slot
  }
}

const known = Object.keys(retryBudgetOptions)

/** The budget of an option's value; undefined for `false`: no limit. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function parseRetryBudget(
  wanted: RetryBudgetOptions | false | undefined,
  option = 'retryBudget',
): RetryBudget | undefined {
  if (wanted === false) return undefined
  if (wanted === undefined) return new RetryBudget()
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) {
    throw badOption(option, `is ${show(wanted)}`, 'give { share, floorPerSecond } or false')
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (!Object.hasOwn(retryBudgetOptions, name))
      throw unknownOption(
        `${option}.${name}`,
        known.map((each) => `${option}.${each}`),
      )
    if (value === undefined) continue
    checkOption(`${option}.${name}`, retryBudgetOptions[name as keyof typeof retryBudgetOptions], value)
  }
  return new RetryBudget(wanted)
}
