import type { Instance, InstanceStatus } from '../instance.js'
import type { Chooser } from './balancers/chooser.js'
import type { Endpoint } from './endpoint.js'
import { fitnessOf, isEjected, isPlain } from './fitness.js'
import { without } from './without.js'

/** Who is asked for: those up, and if nobody is, others in their stead. */
export interface Mode {
  readonly status: InstanceStatus
  readonly fitness: 'believed' | 'doubtful'
}

/** How many stand how for a mode. */
export interface Tally {
  /** Beyond suspicion. */
  fit: number
  /** Those who share the calls in good times but are under suspicion. */
  suspects: number
  /** Those of the status asked for who won't be called even in panic: they refused, or are missing. */
  unreachable: number
}

/** How a group stands for a mode. */
export interface Survey {
  /** Those with a weight. */
  readonly weighty: Readonly<Tally>
  /** Those of weight 0. */
  readonly idle: Readonly<Tally>
  /** Those of the fit whose ejection ran out, but who have not proved themselves yet. */
  readonly unproven: number
  /** When the first ejected one may be tried again, by the clock's `now`; Infinity when none is ejected. */
  readonly nextReturn: number
}

/**
 * Endpoints of one part, priority and zone, of which a balancer with a state of its own chooses. Remembers who needs a
 * second look, so that an event costs the same among ten thousand as among ten.
 */
export class Group {
  readonly name: string
  readonly zone: string
  readonly choose: Chooser
  /** Calls under way to its members: counted by them. */
  inFlight = 0
  /** The share of all picks that falls on it, 0 to 1. */
  share = 0
  /** So few are beyond suspicion that suspicion is no longer believed. */
  panic = false
  #all: readonly Endpoint[] = []
  #allInstances: readonly Instance[] = []
  #odd = new Set<Endpoint>()
  #list: readonly Endpoint[] = []
  #instances: readonly Instance[] = []
  /** The places in `#all` of those who are not in the list. */
  #out: readonly number[] = []
  /** Somebody is plain again, and may be in the list as before: balancers must hear of it all the same. */
  #hasReturned = false

  constructor(name: string, zone: string, makeChooser: (inFlight: () => number) => Chooser) {
    this.name = name
    this.zone = zone
    this.choose = makeChooser(() => this.inFlight)
  }

  /** Everybody, in the set's order. */
  get all(): readonly Endpoint[] {
    return this.#all
  }

  has(endpoint: Endpoint): boolean {
    return this.#all[endpoint.place] === endpoint
  }

  /** Those of its members that are ejected: few, and found without looking at the others. */
  ejected(): Endpoint[] {
    return [...this.#odd].filter(({ ejectedFor }) => ejectedFor !== undefined)
  }

  /** The candidates: the same array until its content or their weights change, or one of them is given back. */
  get list(): readonly Endpoint[] {
    return this.#list
  }

  /** The candidates' instances, place by place. */
  get instances(): readonly Instance[] {
    return this.#instances
  }

  /** A new snapshot's members. Weights may differ even where the endpoints don't, so the list is a new array too. */
  replace(endpoints: readonly Endpoint[]): void {
    for (const endpoint of this.#all) endpoint.leave(this)
    this.#all = endpoints
    this.#allInstances = endpoints.map(({ instance }) => instance)
    this.#odd = new Set(endpoints.filter((endpoint) => !isPlain(endpoint)))
    this.inFlight = 0
    for (let i = 0; i < endpoints.length; i++) this.#take(endpoints[i]!, i)
    this.#list = this.#all
    this.#instances = this.#allInstances
    this.#out = []
    this.#hasReturned = false
  }

  #take(endpoint: Endpoint, place: number): void {
    endpoint.place = place
    endpoint.join(this)
  }

  /** Something was learned of one of its members. */
  reconsider(endpoint: Endpoint): void {
    if (!isPlain(endpoint)) this.#odd.add(endpoint)
    else if (this.#odd.delete(endpoint)) this.#hasReturned = true
  }

  survey(now: number, mode: Mode): Survey {
    const plain = takesPlain(mode) ? this.#all.length - this.#odd.size : 0
    const weighty: Tally = { fit: plain, suspects: 0, unreachable: 0 }
    const idle: Tally = { fit: 0, suspects: 0, unreachable: 0 }
    let unproven = 0
    let nextReturn = Infinity
    for (const endpoint of this.#odd) {
      if (isEjected(endpoint, now)) nextReturn = Math.min(nextReturn, endpoint.ejectedUntil)
      const standing = standingOf(endpoint, now, mode)
      const { status, weight } = endpoint.instance
      const tally = weight > 0 ? weighty : idle
      if (standing === 'fit' && endpoint.ejectedFor !== undefined) unproven++
      if (standing === 'fit') tally.fit++
      else if (standing === 'suspect') tally.suspects++
      else if (mode.fitness === 'believed' && status === mode.status) tally.unreachable++
    }
    return { weighty, idle, unproven, nextReturn }
  }

  /** Makes the list: the fit, and in panic the suspects too; those of weight 0 if nobody else is there. */
  settle(now: number, mode: Mode): void {
    const { panic } = this
    const isIn = (endpoint: Endpoint): boolean => {
      const standing = standingOf(endpoint, now, mode)
      return standing === 'fit' || (panic && standing === 'suspect')
    }
    const odd = [...this.#odd]
    const hasWeight =
      (takesPlain(mode) && odd.length < this.#all.length) ||
      odd.some((endpoint) => endpoint.instance.weight > 0 && isIn(endpoint))
    const isOut = (endpoint: Endpoint): boolean =>
      !isIn(endpoint) || (hasWeight && endpoint.instance.weight === 0)
    const out = odd.filter(isOut).map(({ place }) => place)
    out.sort((a, b) => a - b)
    if (samePlaces(out, this.#out) && !this.#hasReturned) return
    this.#hasReturned = false
    this.#out = out
    // It may be the very array that a balancer saw before somebody went and came back.
    this.#list = out.length === 0 ? [...this.#all] : without(this.#all, out)
    this.#instances = without(this.#allInstances, out)
  }
}

function takesPlain({ status, fitness }: Mode): boolean {
  return status === 'up' && fitness === 'believed'
}

/** How an endpoint stands for a mode: as one of its fit, one of its suspects, or not at all. */
function standingOf(endpoint: Endpoint, now: number, mode: Mode): 'fit' | 'suspect' | 'other' {
  if (endpoint.instance.status !== mode.status) return 'other'
  const fitness = fitnessOf(endpoint, now)
  if (mode.fitness === 'doubtful') return fitness === 'doubtful' ? 'fit' : 'other'
  return fitness === 'fit' || fitness === 'suspect' ? fitness : 'other'
}

function samePlaces(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((place, i) => place === b[i])
}
