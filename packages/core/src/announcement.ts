import type { HealthPlan } from './announce-health.js'
import { updatedInstance, type UpdateOptions } from './announce.js'
import { RollcallError } from './errors.js'
import type { AnnouncementState, Events } from './events.js'
import { withFields, type Instance } from './instance.js'
import { checkLeaveOptions, type LeaveOptions, type LeaveResult } from './leave-options.js'
import type { Supervision } from './supervise/keep-trying.js'
import { leave } from './supervise/leave.js'
import type { Registration } from './supervise/registration.js'
import { SelfCheck } from './supervise/self-check.js'

export type { LeaveOptions, LeaveResult } from './leave-options.js'

export interface AnnouncementTools {
  readonly registration: Registration
  readonly supervision: Supervision
  readonly events: Events
  readonly health: HealthPlan | undefined
}

/** An instance that is kept registered until it is left or replaced. */
export class Announcement {
  readonly #tools: AnnouncementTools
  readonly #registration: Registration
  readonly #selfCheck: SelfCheck | undefined
  /** What the user wants announced, whatever the health check says. */
  #asked: Instance
  #leaving: Promise<LeaveResult> | undefined

  constructor(tools: AnnouncementTools) {
    const { registration, supervision, health } = tools
    this.#tools = tools
    this.#registration = registration
    this.#asked = registration.instance
    this.#selfCheck =
      health &&
      new SelfCheck({
        plan: health,
        supervision,
        signal: registration.over,
        onVerdict: (healthy, reason) => this.#onVerdict(healthy, reason),
      })
  }

  /** As it is announced: as it was last asked to be, save that it is `down` while its health check fails. */
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

  /** What its health check says; true without one. */
  get healthy(): boolean {
    return this.#selfCheck?.healthy ?? true
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
   * The status `up` waits for the health check, if that is failing. Rejects with BAD_OPTION, UNKNOWN_OPTION and CLOSED.
   */
  async update(changes: UpdateOptions): Promise<void> {
    const next = updatedInstance(this.#asked, changes)
    if (this.#leaving || this.#registration.ended) {
      throw new RollcallError(
        'CLOSED',
        `${this.instance.id} is announced no more (${this.state}): announce it anew.`,
      )
    }
    this.#asked = next
    await this.#write()
  }

  /**
   * Leaves so that no caller fails: marks the instance draining, waits until callers know, takes it off the list,
   * finishes the calls in flight. Never longer than `deadlineMs`, however dead the store is, and never rejects for
   * the store's sake. Called again, it gives the first call's result.
   * Rejects with BAD_OPTION and UNKNOWN_OPTION.
   */
  async leave(options: LeaveOptions = {}): Promise<LeaveResult> {
    checkLeaveOptions(options)
    // Checked on, it might be announced as before in the midst of leaving.
    this.#selfCheck?.close()
    const { clock } = this.#tools.supervision
    this.#leaving ??= leave({ ...this.#tools, clock }, options)
    return this.#leaving
  }

  #onVerdict(healthy: boolean, reason: string): void {
    const { service, id } = this.instance
    this.#tools.events.emit('announcement.health', { service, id, healthy, reason })
    void this.#write()
  }

  /** `draining` is the user's word and stands, well or not: one that drains takes no new calls. */
  #write(): Promise<boolean> {
    const isDown = this.#asked.status === 'up' && !this.healthy
    return this.#registration.update(isDown ? withFields(this.#asked, { status: 'down' }) : this.#asked)
  }
}
