import type { Adapter, Lease } from '../contract.js'
import { RollcallError, isRollcallError } from '../errors.js'
import type { AnnouncementState, Events } from '../events.js'
import { isNewer } from '../incarnation.js'
import { sameInstance, type Instance } from '../instance.js'
import { aborted, attempt, follower } from './attempt.js'
import type { Gate } from './gate.js'
import type { HeartMember } from './heart.js'
import type { Hearts } from './hearts.js'
import { keepTrying, type Supervision } from './keep-trying.js'

/** What a registration works with; one set for all of a registry. */
export interface RegistrationTools {
  readonly adapter: Adapter
  readonly supervision: Supervision
  readonly events: Events
  readonly hearts: Hearts
  readonly gate: Gate
  readonly ttlMs: number
  readonly verbMs: number
  /** Called after every write that succeeded, so that it is read back. */
  onRegistered(registration: Registration): void
}

/**
 * A store needs a moment to show what it accepted: an absence younger than this is no absence. Doubled by every
 * absence in a row, so that a store that never lists us is not written to every three seconds for ever.
 */
const settleMs = 3_000
const mostDoublings = 5

/**
 * Keeps one instance registered, through every outage, until it is withdrawn or replaced.
 *
 * One write at a time: the newest wish is written, then its lease lives on in a heart; whatever disturbs that (a new
 * wish, a lost lease, an instance that the store does not list) leads to the next write. The old lease goes on
 * beating until the new write succeeded, so that an update during an outage loses nothing.
 */
export class Registration implements HeartMember {
  readonly #tools: RegistrationTools
  readonly #over = new AbortController()
  // A write outlives the wish for it: cut off, it could land after the release that should undo it.
  readonly #abandoned = new AbortController()
  readonly #changed = new Set<() => void>()
  #wish: Instance
  #state: AnnouncementState = 'registering'
  #lease: Lease | undefined
  #registeredAt = 0
  #written: Instance | undefined
  #verified = false
  #absences = 0
  #lastError: RollcallError | undefined
  #disturb: (error?: RollcallError) => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(tools: RegistrationTools, instance: Instance) {
    this.#tools = tools
    this.#wish = instance
  }

  get instance(): Instance {
    return this.#wish
  }

  get state(): AnnouncementState {
    return this.#state
  }

  /** Whether it was seen through the watch path since it was last written. */
  get verified(): boolean {
    return this.#verified
  }

  get lastError(): RollcallError | undefined {
    return this.#lastError
  }

  /** Calls `listener` whenever something happened that a waiter may care for. Returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener)
    return () => void this.#changed.delete(listener)
  }

  start(): void {
    this.#running = keepTrying(
      this.#tools.supervision,
      this.#over.signal,
      (succeeded) => this.#once(succeeded),
      (error, inMs) => this.#onFailure(error as RollcallError, inMs),
    )
  }

  /** Resolves when the wish has been written, or the attempt at it failed. */
  async update(instance: Instance): Promise<void> {
    const before = this.#wish
    this.#wish = instance
    if (sameInstance(before, instance)) return
    this.#lastError = undefined
    this.#disturb()
    await this.settled()
  }

  /** Resolves once the present wish is written or an attempt at it has failed. */
  async settled(signal?: AbortSignal): Promise<void> {
    await this.until(() => this.#written === this.#wish || this.#lastError !== undefined || this.#ended, signal)
  }

  /** Resolves once `done` holds; it is asked again after every change. Rejects with the signal's reason. */
  until(done: () => boolean, signal?: AbortSignal): Promise<void> {
    if (done()) return Promise.resolve()
    let stop = (): void => {}
    const reached = new Promise<void>((resolve) => {
      stop = this.onChange(() => done() && resolve())
    })
    return (signal ? Promise.race([reached, aborted(signal)]) : reached).finally(() => stop())
  }

  /**
   * Takes the instance back: no more writes, then a release, tried until it succeeds or the signal is aborted.
   * Resolves to whether the store was told.
   */
  async withdraw(signal: AbortSignal): Promise<boolean> {
    const owned = !this.#ended
    this.#end('left')
    // A write under way may land after a release; a release waits for it.
    await Promise.race([this.#writing, aborted(signal)]).catch(() => {})
    this.#abandoned.abort(this.#over.signal.reason)
    const released = owned && (await this.#release(signal))
    await this.#running
    return released
  }

  /** Holds what the watch path lists, if anything, against what we wrote. */
  observe(listed: Instance | undefined): void {
    if (this.#state !== 'registered') return
    if (listed && isNewer(listed.incarnation, this.#wish.incarnation)) return this.#replaced()
    const { events, supervision } = this.#tools
    if (listed?.incarnation === this.#wish.incarnation) return this.#confirm()
    this.#verified = false
    const patience = settleMs * 2 ** Math.min(this.#absences, mostDoublings)
    if (supervision.clock.now() - this.#registeredAt < patience) return
    this.#absences++
    events.emit('announcement.absent', this.#name)
    this.#disturb()
  }

  onLost(error: RollcallError): void {
    if (this.#ended) return
    this.#lease = undefined
    this.#enter('lost')
    this.#tools.events.emit('announcement.lost', { ...this.#name, error })
    this.#disturb(error)
  }

  onBeatFailed(error: RollcallError, inMs: number): void {
    this.#tools.events.emit('announcement.retrying', { ...this.#name, error, inMs })
  }

  async #once(succeeded: () => void): Promise<void> {
    const wish = this.#wish
    const disturbed = new Promise<void>((resolve, reject) => {
      this.#disturb = (error) => (error ? reject(error) : resolve())
    })
    // It may be rejected while the write is under way, before anybody waits for it.
    disturbed.catch(() => {})
    await this.#write(wish)
    succeeded()
    // A wish that came during the write found nobody to disturb but this promise.
    if (this.#wish === wish) await Promise.race([disturbed, aborted(this.#over.signal)])
  }

  async #write(wish: Instance): Promise<void> {
    const { gate, hearts, supervision } = this.#tools
    const sentAt = await gate.pass(async () => {
      this.#over.signal.throwIfAborted()
      const now = supervision.clock.now()
      const writing = this.#attemptWrite(wish)
      this.#writing = writing.catch(() => {})
      const lease = await writing
      if (this.#ended) return now
      hearts.move(this, this.#lease, lease, now)
      this.#lease = lease
      return now
    })
    if (this.#ended) return
    this.#registeredAt = sentAt
    this.#written = wish
    this.#lastError = undefined
    this.#verified = false
    this.#announce()
  }

  #attemptWrite(wish: Instance): Promise<Lease> {
    const { adapter, supervision, ttlMs, verbMs } = this.#tools
    const what = `${adapter.name}: registering ${wish.id}`
    const limits = { clock: supervision.clock, limitMs: verbMs, signal: this.#abandoned.signal, what }
    return attempt(limits, (signal) => adapter.register!(wish, ttlMs, signal))
  }

  #announce(): void {
    const { events, ttlMs } = this.#tools
    const granted = this.#lease!.ttlMs
    const first = this.#state !== 'registered'
    this.#enter('registered')
    if (first) {
      events.emit('announcement.registered', { ...this.#name, ttlMs: granted })
      if (granted !== ttlMs) {
        events.emit('announcement.ttl', { ...this.#name, askedMs: ttlMs, grantedMs: granted })
      }
    }
    this.#tools.onRegistered(this)
  }

  #confirm(): void {
    this.#absences = 0
    if (this.#verified) return
    this.#verified = true
    this.#tools.events.emit('announcement.verified', this.#name)
    this.#notify()
  }

  #onFailure(error: RollcallError, inMs: number): void {
    this.#lastError = error
    if (isRollcallError(error, 'REPLACED')) return this.#replaced()
    this.#tools.events.emit('announcement.retrying', { ...this.#name, error, inMs })
    this.#notify()
  }

  #replaced(): void {
    this.#end('replaced')
    this.#tools.events.emit('announcement.replaced', this.#name)
  }

  async #release(signal: AbortSignal): Promise<boolean> {
    const { adapter, supervision, verbMs } = this.#tools
    if (!adapter.release) return false
    const done = follower(signal)
    let released = false
    const what = `${adapter.name}: releasing ${this.#wish.id}`
    const limits = { clock: supervision.clock, limitMs: verbMs, signal: done.signal, what }
    const once = async (): Promise<void> => {
      await attempt(limits, (own) => adapter.release!(this.#wish, own))
      released = true
      done.end(undefined)
    }
    await keepTrying(supervision, done.signal, once, () => {})
    done.end(undefined)
    return released
  }

  get #name(): { service: string; id: string } {
    return { service: this.#wish.service, id: this.#wish.id }
  }

  get #ended(): boolean {
    return this.#state === 'left' || this.#state === 'replaced'
  }

  #end(state: 'left' | 'replaced'): void {
    if (this.#ended) return
    this.#enter(state)
    if (this.#lease) this.#tools.hearts.leave(this, this.#lease)
    this.#over.abort(new RollcallError('CLOSED', `the announcement of ${this.#wish.id} has ended`))
  }

  #enter(state: AnnouncementState): void {
    this.#state = state
    this.#notify()
  }

  #notify(): void {
    for (const listener of [...this.#changed]) listener()
  }
}

