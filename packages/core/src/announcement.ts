import { updatedInstance, type UpdateOptions } from './announce.js'
import type { Clock } from './clock.js'
import { RollcallError } from './errors.js'
import type { AnnouncementState, Events } from './events.js'
import { withFields, type Instance } from './instance.js'
import { unknownOption, badOption, show } from './options.js'
import { follower } from './supervise/attempt.js'
import type { Registration } from './supervise/registration.js'

export interface LeaveOptions {
  /** All of leaving takes at most this long, default 30,000 ms. */
  deadlineMs?: number
  /** How long callers get to learn that we are draining before we are taken off the list; default 500 ms. */
  lingerMs?: number
  /** Finishes the calls in flight, for example `server.close`; awaited last. */
  drain?: (signal: AbortSignal) => Promise<unknown>
}

/** How leaving ended. */
export interface LeaveResult {
  /**
   * The store took the instance off its list. If not, the TTL does, or a release that goes on behind the scenes where
   * other instances share the lease, or the newer process has that replaced it.
   */
  readonly released: boolean
  /** `drain` came to its end in time; true when none was given. */
  readonly drained: boolean
}

/** An instance that is kept registered until it is left or replaced. */
export class Announcement {
  readonly #registration: Registration
  readonly #events: Events
  readonly #clock: Clock
  #leaving: Promise<LeaveResult> | undefined

  constructor(registration: Registration, events: Events, clock: Clock) {
    this.#registration = registration
    this.#events = events
    this.#clock = clock
  }

  /** As it was last asked to be. */
  get instance(): Instance {
    return this.#registration.instance
  }

  get state(): AnnouncementState {
    return this.#registration.state
  }

  /** Whether callers see it: it was read back through the watch path since it was last written. */
  get verified(): boolean {
    return this.#registration.verified
  }

  /** What the last attempt failed with, if it failed. */
  get error(): RollcallError | undefined {
    return this.#registration.lastError
  }

  /**
   * Resolves once the store holds the instance. Rejects with MISCONFIGURED while the store refuses us, with REPLACED,
   * CLOSED, and the signal's reason.
   */
  async registered({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const refused = (): boolean => this.error?.code === 'MISCONFIGURED'
    const settled = (): boolean => this.state === 'registered' || this.#registration.ended || refused()
    await this.#registration.until(settled, signal)
    if (this.state === 'registered') return
    const { service, id } = this.instance
    if (this.state === 'left') throw new RollcallError('CLOSED', `${id} of ${service} has left.`)
    throw this.error!
  }

  /**
   * Changes weight, status, zone, version, tags or metadata in place: callers never see the instance absent.
   * Resolves after the first attempt, whether or not the store answered; it is tried until it is written.
   * Rejects with BAD_OPTION, UNKNOWN_OPTION and CLOSED.
   */
  async update(changes: UpdateOptions): Promise<void> {
    const next = updatedInstance(this.instance, changes)
    if (this.#leaving || this.#registration.ended) {
      throw new RollcallError(
        'CLOSED',
        `${this.instance.id} is announced no more (${this.state}): announce it anew.`,
      )
    }
    await this.#registration.update(next)
  }

  /**
   * Leaves so that no caller fails: marks the instance draining, waits until callers know, takes it off the list,
   * finishes the calls in flight. Never longer than `deadlineMs`, however dead the store is, and never rejects for
   * the store's sake. Called again, it gives the first call's result.
   * Rejects with BAD_OPTION and UNKNOWN_OPTION.
   */
  async leave(options: LeaveOptions = {}): Promise<LeaveResult> {
    for (const [name, value] of Object.entries(options)) checkLeaveOption(name, value)
    this.#leaving ??= this.#leave(options)
    return this.#leaving
  }

  async #leave({ deadlineMs = 30_000, lingerMs = 500, drain }: LeaveOptions): Promise<LeaveResult> {
    const over = new AbortController()
    const cancel = this.#clock.after(deadlineMs, () => {
      over.abort(new RollcallError('TIMEOUT', `leaving took longer than ${deadlineMs} ms`))
    })
    // A `down` one has no callers, and `draining` would offer it to some.
    if (this.state === 'registered' && this.instance.status !== 'down') {
      await this.#markDraining(lingerMs, over.signal)
    }
    const released = await this.#registration.withdraw(over.signal)
    const drained = await this.#drain(drain, over.signal)
    cancel()
    return { released, drained }
  }

  async #markDraining(lingerMs: number, signal: AbortSignal): Promise<void> {
    const marked = this.#registration.update(withFields(this.instance, { status: 'draining' }))
    const told = await Promise.race([marked, untilAborted(signal).then(() => false)])
    // A store that did not even take the mark has nobody to tell.
    if (!told) return
    const linger = follower(signal)
    const cancel = this.#clock.after(lingerMs, () => linger.end(undefined))
    // The registry may be closed meanwhile, and does not wait.
    await this.#registration.until(() => this.#registration.ended, linger.signal).catch(() => {})
    cancel()
    linger.end(undefined)
  }

  async #drain(drain: LeaveOptions['drain'], signal: AbortSignal): Promise<boolean> {
    if (!drain) return true
    const drained = (async () => drain(signal))().then(
      () => true,
      (error: unknown) => {
        this.#events.emit('listener.failed', { error })
        return false
      },
    )
    return Promise.race([drained, untilAborted(signal).then(() => false)])
  }
}

function checkLeaveOption(name: string, value: unknown): void {
  if (name === 'drain') {
    if (value !== undefined && typeof value !== 'function')
      throw badOption(name, `is ${show(value)}`, 'give a function')
    return
  }
  if (name !== 'deadlineMs' && name !== 'lingerMs')
    throw unknownOption(name, ['deadlineMs', 'lingerMs', 'drain'])
  const fits = value === undefined || (typeof value === 'number' && value >= 0)
  if (!fits) throw badOption(name, `is ${show(value)}`, 'give milliseconds, 0 or more')
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
