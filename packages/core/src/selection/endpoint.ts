import type { Instance } from '../instance.js'
import { unmeasured } from './latency.js'
import type { Outcome } from './outcome.js'
import { decayed, ejectionMs, type OutlierPolicy } from './outlier-policy.js'

/**
 * `failures` (too many in a row), `success-rate` and `failure-share` (see `rateOutliers`): suspicions. `refused`: nobody
 * listens there, a fact. `busy`: it asked for a pause itself, by `Retry-After`.
 */
export type EjectReason = 'failures' | 'success-rate' | 'failure-share' | 'refused' | 'busy'

/**
 * How an endpoint stood when a call to it began: `sound`; `trial`, the one call after its ejection ran out; or
 * `ejected`, called all the same because too few others were left.
 */
export type Standing = 'sound' | 'trial' | 'ejected'

/** Those that an endpoint is chosen among: they share the calls under way. */
export interface Crowd {
  inFlight: number
}

/**
 * An instance and what this process has learned by calling it. Written by `reconcile` (what the store says), by `begin`
 * and `record` (what calls say), by the prober and by the verbs below them (what follows from it); read by everybody else.
 */
export class Endpoint {
  /** The store's latest description; replaced while id, incarnation and address stay the same. */
  instance: Instance
  /** Where it stands in its group, which alone writes it: among ten thousand, looking for it takes longer than all else. */
  place = -1
  /** Missing from the store's last listing, kept by the guard against false removals. */
  held = false
  /** When this process first saw it, by the clock's `now`; earlier if it is known to have started earlier. */
  readonly bornAt: number
  /** Calls begun by `acquire` or `call` and not ended yet. */
  inFlight = 0
  /**
   * What average round trips are compared by: see `observe`. Beside `inFlight`, since both are read together: that is one
   * line of the cache and not two.
   */
  slowness: number = unmeasured
  /** Its average round trip in milliseconds, peaks at once and forgetting slowly: see `observe`. 0 before the first. */
  averageMs = 0
  /** When the average was last brought up to date, by the clock's `now`; means nothing before the first. */
  averagedAt = 0
  /** What probes say; `unknown` while there are none. */
  probed: 'unknown' | 'passing' | 'failing' = 'unknown'
  consecutiveFailures = 0
  /** Calls that ended in the present interval of outlier detection, and how many of them failed. */
  windowCalls = 0
  windowFailures = 0
  /** Undefined while it was never ejected, or has proved itself since. */
  ejectedFor: EjectReason | undefined = undefined
  /** When the next trial call may begin, by the clock's `now`; means nothing while it is not ejected. */
  ejectedUntil = 0
  /** Ejections in a row, as of the last one: see `decayed`. */
  timesEjected = 0
  /** When it was last given back, by the clock's `now`. */
  returnedAt = 0
  /** What the trial under way made of `ejectedUntil`. */
  #trialUntil = 0
  #crowd: Crowd | undefined

  constructor(instance: Instance, bornAt = 0) {
    this.instance = instance
    this.bornAt = bornAt
  }

  /** Those that its calls are counted among. */
  get crowd(): Crowd | undefined {
    return this.#crowd
  }

  /** Its calls under way and to come count there, and no more among those before. */
  join(crowd: Crowd): void {
    this.#crowd = crowd
    crowd.inFlight += this.inFlight
  }

  /** It has left these, unless it has joined others meanwhile. */
  leave(crowd: Crowd): void {
    if (this.#crowd === crowd) this.#crowd = undefined
  }

  /** Counts a call in and tells how the endpoint stands. `now` is read only while it is ejected. */
  begin(now: () => number, policy: OutlierPolicy): Standing {
    this.inFlight++
    if (this.#crowd) this.#crowd.inFlight++
    if (this.ejectedFor === undefined) return 'sound'
    const at = now()
    if (at < this.ejectedUntil) return 'ejected'
    // One trial at a time, and the next no later than this, so that a call of an hour blocks nobody for an hour.
    this.ejectedUntil = this.#trialUntil = at + ejectionMs(1, policy)
    return 'trial'
  }

  /** Counts a call out. The one place where an outcome is written. */
  record(outcome: Outcome): void {
    this.inFlight--
    if (this.#crowd) this.#crowd.inFlight--
    if (outcome === 'cancelled') return
    if (outcome !== 'overtaken') this.windowCalls++
    if (outcome === 'ok') {
      this.consecutiveFailures = 0
      return
    }
    this.consecutiveFailures++
    if (outcome !== 'overtaken') this.windowFailures++
  }

  /** Takes it out, longer for each time in a row; returns for how many milliseconds. */
  eject(reason: EjectReason, now: number, policy: OutlierPolicy): number {
    const wasInService = this.ejectedFor === undefined || this.ejectedFor === 'busy'
    const times = wasInService ? this.#timesDecayed(now, policy) : this.timesEjected
    this.timesEjected = times + 1
    this.ejectedFor = reason
    const ms = ejectionMs(this.timesEjected, policy)
    this.ejectedUntil = now + ms
    return ms
  }

  /**
   * Takes it out for as long as it asked; that is no fault, and makes no later ejection longer. False when it is out for
   * as long already.
   */
  pause(ms: number, now: number): boolean {
    const until = now + ms
    if (this.ejectedFor !== undefined && this.ejectedUntil >= until) return false
    this.ejectedFor ??= 'busy'
    this.ejectedUntil = until
    return true
  }

  /** It has proved itself: back for good. */
  giveBack(now: number): void {
    this.ejectedFor = undefined
    this.returnedAt = now
  }

  /** A suspicion has become a fact; for how long does not change. */
  confirmRefused(): void {
    this.ejectedFor = 'refused'
  }

  /** An interval of outlier detection is over. */
  startWindow(): void {
    this.windowCalls = 0
    this.windowFailures = 0
  }

  /**
   * Takes over what the store says now. An instance that the store had given up, lapsed or missing, and lists again
   * has proved by that that it lives: what failures taught is out of date. Not so its times ejected, which pass with
   * time: one that comes and goes is taken out for longer.
   */
  describe(instance: Instance, held: boolean, now = 0): void {
    const isBack = this.#isGivenUp && !held && instance.status !== 'down'
    this.instance = instance
    this.held = held
    if (!isBack) return
    if (this.ejectedFor !== undefined) this.giveBack(now)
    this.answered()
  }

  /** Somebody else than a call got an answer of it. */
  answered(): void {
    this.consecutiveFailures = 0
  }

  get #isGivenUp(): boolean {
    return this.held || this.instance.status === 'down'
  }

  /** Its trial ended without telling anything: the next may begin now, unless it was taken out for longer meanwhile. */
  tryAgain(now: number): void {
    if (this.ejectedUntil === this.#trialUntil) this.ejectedUntil = now
  }

  #timesDecayed(now: number, policy: OutlierPolicy): number {
    return this.timesEjected === 0 ? 0 : decayed(this.timesEjected, now - this.returnedAt, policy)
  }
}

/** Whether what was learned of `a` holds for `b`: the same start of the same instance at the same address. */
export function sameIdentity(a: Instance, b: Instance): boolean {
  return a === b || (a.id === b.id && sameStart(a, b))
}

/** The same, of two that have the same id. */
export function sameStart(a: Instance, b: Instance): boolean {
  return a.port === b.port && a.incarnation === b.incarnation && a.host === b.host
}
