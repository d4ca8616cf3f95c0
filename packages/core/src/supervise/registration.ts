import { Changes } from '../changes.js'
import type { Lease } from '../contract.js'
import { RollcallError, isRollcallError } from '../errors.js'
import type { AnnouncementState, Events } from '../events.js'
import { isNewer } from '../incarnation.js'
import { sameInstance, type Instance } from '../instance.js'
import type { Gate } from '../gate.js'
import type { HeartMember } from './heart.js'
import type { Hearts } from './hearts.js'
import { keepTrying } from './keep-trying.js'
import { Sighting } from './sighting.js'
import { Writer, type WriterTools } from './writer.js'

/** What a registration works with; one set for all of a registry. */
export interface RegistrationTools extends WriterTools {
  readonly events: Events
  readonly hearts: Hearts
  readonly gate: Gate
  /** Called after every write that succeeded, so that it is read back. */
  onRegistered(registration: Registration): void
  /** Called once, when nothing is written for it any more: its id is free. */
  onEnded(registration: Registration): void
  /** Called before that when the store may still hold the instance. */
  onUnreleased(instance: Instance): void
}

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
  readonly #writer: Writer
  readonly #changes = new Changes()
  readonly #sighting: Sighting
  #wish: Instance
  /** What the store holds as far as we know: undefined when it must be written anew. */
  #written: Instance | undefined
  #state: AnnouncementState = 'registering'
  #lease: Lease | undefined
  /** The wish whose last attempt failed. */
  #failed: Instance | undefined
  #lastError: RollcallError | undefined
  #withdrawing: Promise<boolean> | undefined

  constructor(tools: RegistrationTools, instance: Instance) {
    this.#tools = tools
    this.#wish = instance
    this.#writer = new Writer(tools)
    this.#sighting = new Sighting(tools.supervision.clock)
  }

  get instance(): Instance {
    return this.#wish
  }

  get state(): AnnouncementState {
    return this.#state
  }

  get ended(): boolean {
    return this.#over.signal.aborted
  }

  /** Aborted once it has ended. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Whether it was seen through the watch path since it was last written. */
  get verified(): boolean {
    return this.#sighting.isSeen
  }

  /** When to look for it again; undefined while there is nothing to look for. */
  get lookAgainInMs(): number | undefined {
    return this.#state === 'registered' && !this.verified ? this.#sighting.lookAgainInMs : undefined
  }

  get lastError(): RollcallError | undefined {
    return this.#lastError
  }

  start(): void {
    void keepTrying(
      this.#tools.supervision,
      this.#over.signal,
      (succeeded) => this.#once(succeeded),
      (error, inMs) => this.#onFailure(error as RollcallError, inMs),
    )
  }

  /** Resolves when the wish has been written, to true, or when an attempt at it failed. */
  async update(instance: Instance): Promise<boolean> {
    if (!sameInstance(this.#wish, instance)) {
      this.#wish = instance
      this.#changes.tell()
    }
    await this.settled()
    return this.#written === this.#wish
  }

  /** Resolves once the present wish is written or an attempt at it has failed. */
  settled(): Promise<void> {
    return this.until(() => this.#written === this.#wish || this.#failed === this.#wish || this.ended)
  }

  /** Resolves once `done` holds; it is asked again after every change. Rejects with the signal's reason. */
  until(done: () => boolean, signal?: AbortSignal): Promise<void> {
    return this.#changes.until(done, signal)
  }

  /**
   * Takes the instance back: no more writes, then a release, tried until it succeeds or the signal is aborted.
   * Resolves to whether the store was told. Asked again, the first signal to be aborted counts.
   */
  withdraw(signal: AbortSignal): Promise<boolean> {
    this.#writer.cutOffBy(signal)
    this.#withdrawing ??= this.#withdraw()
    return this.#withdrawing
  }

  /** Ends it without a word to the store, which never took it. */
  abandon(): void {
    if (this.#end('left')) this.#tools.onEnded(this)
  }

  /** Holds what the watch path lists, if anything, against what we wrote. */
  observe(listed: Instance | undefined): void {
    if (this.ended) return
    if (listed && isNewer(listed.incarnation, this.#wish.incarnation)) return this.#replaced(this.#giveWay())
    if (this.#state !== 'registered') return
    if (listed?.incarnation === this.#wish.incarnation) return this.#confirm()
    if (!this.#sighting.isMissing()) return
    this.#tools.events.emit('announcement.absent', this.#name)
    this.#written = undefined
    this.#changes.tell()
  }

  onLost(error: RollcallError): void {
    if (this.ended) return
    if (isRollcallError(error, 'REPLACED')) return this.#replaced(error)
    this.#lease = undefined
    this.#written = undefined
    this.#lastError = error
    this.#enter('lost')
    this.#tools.events.emit('announcement.lost', { ...this.#name, error })
  }

  onBeatFailed(error: RollcallError, inMs: number): void {
    this.#tools.events.emit('announcement.retrying', { ...this.#name, error, inMs })
  }

  async #once(succeeded: () => void): Promise<void> {
    await this.#write()
    succeeded()
    await this.until(() => this.#written !== this.#wish || this.ended)
    // For the sake of the pause: all who shared the lease must not come back in step, nor one at once for ever.
    if (this.#state === 'lost') throw this.#lastError!
  }

  async #write(): Promise<void> {
    const { gate, supervision } = this.#tools
    await gate.pass(async () => {
      this.#over.signal.throwIfAborted()
      const wish = this.#wish
      this.#failed = undefined
      const sentAt = supervision.clock.now()
      const lease = await this.#writer.write(wish).catch((error: unknown) => {
        this.#failed = wish
        throw error
      })
      if (!this.ended) this.#accept(wish, lease, sentAt)
    })
  }

  #accept(wish: Instance, lease: Lease, sentAt: number): void {
    const { events, hearts, ttlMs } = this.#tools
    const before = this.#state
    hearts.move(this, this.#lease, lease, sentAt)
    this.#lease = lease
    this.#written = wish
    this.#lastError = undefined
    this.#sighting.await(sentAt)
    this.#tools.onRegistered(this)
    this.#enter('registered')
    if (before === 'registered') return
    events.emit('announcement.registered', { ...this.#name, ttlMs: lease.ttlMs })
    if (lease.ttlMs === ttlMs) return
    events.emit('announcement.ttl', { ...this.#name, askedMs: ttlMs, grantedMs: lease.ttlMs })
  }

  #confirm(): void {
    if (!this.#sighting.confirm()) return
    this.#tools.events.emit('announcement.verified', this.#name)
    this.#changes.tell()
  }

  #onFailure(error: RollcallError, inMs: number): void {
    // Not a write that failed but a lease that was lost, and told already.
    if (!this.#failed) return
    if (isRollcallError(error, 'REPLACED')) return this.#replaced(error)
    this.#lastError = error
    this.#tools.events.emit('announcement.retrying', { ...this.#name, error, inMs })
    this.#changes.tell()
  }

  #giveWay(): RollcallError {
    const { service, id } = this.#wish
    return new RollcallError(
      'REPLACED',
      `A newer process announces ${id} of ${service}: give this one another id.`,
    )
  }

  #replaced(error: RollcallError): void {
    this.#lastError = error
    if (!this.#end('replaced')) return
    this.#writer.cutOff(this.#over.signal.reason)
    this.#tools.events.emit('announcement.replaced', this.#name)
    this.#tools.onUnreleased(this.#wish)
    this.#tools.onEnded(this)
  }

  async #withdraw(): Promise<boolean> {
    if (!this.#end('left')) return false
    const released = await this.#writer.release(this.#wish)
    this.#tools.events.emit('announcement.left', { ...this.#name, released })
    if (!released) this.#tools.onUnreleased(this.#wish)
    this.#tools.onEnded(this)
    return released
  }

  get #name(): { service: string; id: string } {
    return { service: this.#wish.service, id: this.#wish.id }
  }

  /** False when it had ended before. */
  #end(state: 'left' | 'replaced'): boolean {
    if (this.ended) return false
    if (this.#lease) this.#tools.hearts.leave(this, this.#lease)
    this.#over.abort(new RollcallError('CLOSED', `the announcement of ${this.#wish.id} has ended`))
    this.#enter(state)
    return true
  }

  #enter(state: AnnouncementState): void {
    this.#state = state
    this.#changes.tell()
  }
}
