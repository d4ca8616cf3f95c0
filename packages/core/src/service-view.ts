import type { ServiceWatch } from './discovery/service-watch.js'
import type { Snapshot, SnapshotState } from './discovery/snapshot.js'
import type { Events } from './events.js'
import type { CallOptions, Callee } from './failover/call.js'
import type { CallCounts } from './failover/call-events.js'
import type { CallSource } from './failover/call-source.js'
import { Caller } from './failover/caller.js'
import type { Probe } from './health/probe-options.js'
import { planProbe } from './health/probe-plan.js'
import { Prober, type Probed } from './health/prober.js'
import type { Instance } from './instance.js'
import { badOption, show } from './options.js'
import type { Endpoint } from './selection/endpoint.js'
import type { Pick } from './selection/pick.js'
import type { PickExplanation, SelectionExplanation } from './selection/explanation.js'
import type { Wish } from './selection/finder.js'
import { Selector } from './selection/selector.js'
import type { NoPick, SelectionEvent } from './selection/selection.js'
import { selectionOf, type ServiceOptions } from './service-options.js'
import { keyOf, type PickOptions } from './pick-options.js'
import { noPick, noRoom, notReady, viewClosed } from './view-errors.js'
import type { Supervision } from './supervise/keep-trying.js'

/** What `explain()` gives: plain data, which JSON can carry. */
export interface ServiceExplanation extends SelectionExplanation {
  readonly service: string
  /** The registry's URL, without secrets. */
  readonly registry: string
  /** What calls came to since the view was made. */
  readonly calls: Readonly<CallCounts>
  readonly snapshot?: { readonly version: number; readonly state: SnapshotState; readonly ageMs: number }
}

/** What a registry lends its views. */
export interface ViewTools {
  readonly service: string
  readonly url: string
  readonly supervision: Supervision
  readonly events: Events
  /** The watch that feeds this view, started if need be. Throws CLOSED. */
  watch(): ServiceWatch
  onClose(): void
}

/** What a user holds for one service: its last snapshot, its endpoints, `pick` and `call`. */
export class ServiceView {
  readonly service: string
  readonly #tools: ViewTools
  readonly #selector: Selector
  readonly #caller: Caller
  readonly #prober: Prober | undefined
  #watch: ServiceWatch | undefined
  #stopWatching = (): void => {}
  #version = 0
  #closed = false

  constructor(tools: ViewTools, options: ServiceOptions = {}) {
    const { service, supervision, events } = tools
    this.service = service
    this.#tools = tools
    this.#selector = new Selector({
      clock: supervision.clock,
      random: supervision.random,
      ...selectionOf(options, (error) => events.emit('listener.failed', { error })),
      onEvent: (event) => tell(events, service, event),
    })
    this.#prober =
      options.probe === undefined ? undefined : proberOf(this.#selector, options.probe, supervision)
    const source: CallSource = {
      service,
      clock: supervision.clock,
      random: supervision.random,
      ready: async (signal) => void (await this.ready({ signal })),
      whyNotReady: () => this.#watch?.failure?.message,
      acquire: (wish) => this.#acquire(wish),
      acquireAt: (endpoint) => this.#acquireAt(endpoint),
      endpoints: () => this.#everybody(),
      candidates: () => this.#callable(),
      pause: (endpoint, ms) => this.#selector.pause(endpoint, ms),
      report: ({ type, ...details }) => events.emit(type, { service, ...details }),
    }
    this.#caller = new Caller(source, options)
  }

  /** The last snapshot; undefined before the first. */
  get snapshot(): Snapshot | undefined {
    return this.#started().latest.value
  }

  /** How long ago the store last confirmed the snapshot, in milliseconds; undefined before the first. */
  get ageMs(): number | undefined {
    const { snapshot } = this
    return snapshot && Math.max(0, this.#tools.supervision.clock.wall() - snapshot.confirmedAt)
  }

  /** The instances and what was learned by calling them. */
  get endpoints(): readonly Endpoint[] {
    if (!this.#closed) this.#started()
    return this.#selector.endpoints
  }

  /**
   * Resolves with the first snapshot, however old or empty.
   * Rejects with MISCONFIGURED when the store refuses us, with CLOSED, and with the signal's reason.
   */
  async ready({ signal }: { signal?: AbortSignal } = {}): Promise<Snapshot> {
    return this.#started().ready(signal)
  }

  /** The present snapshot and every newer one. Who is slow misses some in between, never the last. */
  watch({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<Snapshot, void, undefined> {
    return this.#started().latest.follow(signal)
  }

  /** Calls `listener` with the present snapshot, if there is one, and with every newer one. Returns the way to stop. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    if (typeof listener !== 'function') throw badOption('listener', `is ${show(listener)}`, 'give a function')
    const { latest } = this.#started()
    let seen: Snapshot | undefined
    const tell = (): void => {
      const { value } = latest
      if (value === undefined || (value.version === seen?.version && value.state === seen.state)) return
      seen = value
      this.#tools.events.guard(() => listener(value))
    }
    const stop = latest.onChange(tell)
    tell()
    return stop
  }

  /**
   * One instance to call now. Synchronous, counts nothing, learns nothing: see `acquire` and `call`.
   * Throws NOT_READY before the first snapshot, NO_INSTANCES, OVERLOADED and CLOSED.
   */
  pick(request?: PickOptions): Instance {
    const key = request === undefined ? undefined : keyOf(request)
    return this.#selector.pick(key) ?? this.#pickAfterAll(key)
  }

  /** Like `pick`, but the call is counted until `done(outcome)`, and its outcome is learned from. */
  acquire(request?: PickOptions): Pick {
    return this.#acquire(request === undefined ? undefined : { key: keyOf(request) })
  }

  /** How this view would choose now: its groups with their shares, and how each endpoint stands. Plain data. */
  explain(): ServiceExplanation {
    const { snapshot, ageMs } = this
    return {
      service: this.service,
      registry: this.#tools.url,
      ...(snapshot && { snapshot: { version: snapshot.version, state: snapshot.state, ageMs: ageMs ?? 0 } }),
      calls: { ...this.#caller.counts },
      ...this.#selector.explain(),
    }
  }

  /**
   * Picks as `pick` does, and says why it was this one and not the others. It is a pick like any other: a balancer that
   * takes turns has then taken one. Throws as `pick` does.
   */
  explainPick(request?: PickOptions): PickExplanation {
    const key = request === undefined ? undefined : keyOf(request)
    if (this.#version === 0) this.#mustBeReady()
    const explained = this.#selector.explainPick(key)
    return explained ?? this.#noPick(this.#selector.whyNoPick())
  }

  /**
   * Calls `fn` with an instance, and again with another one when that is safe: when the first surely never received
   * the request, or the call is `idempotent`. Waits for the first snapshot within its deadline.
   */
  call<T, F = never>(fn: Callee<T>, options?: CallOptions<T, F>): Promise<T | F> {
    return this.#caller.call(fn, options)
  }

  /** Ends this view; with a service's last view ends its watch. Calls under way go on. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#version = 0
    this.#stopWatching()
    this.#selector.close()
    this.#caller.close()
    this.#prober?.close()
    this.#tools.onClose()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Nobody was picked, maybe only because nobody asked for this service before: then its watch begins now. */
  #pickAfterAll(key: string | undefined): Instance {
    if (this.#version > 0) return this.#noPick(this.#selector.whyNoPick())
    this.#mustBeReady()
    return this.#selector.pick(key) ?? this.#noPick(this.#selector.whyNoPick())
  }

  #acquire(wish?: Wish): Pick {
    if (this.#version === 0) this.#mustBeReady()
    const pick = this.#selector.acquire(wish)
    return typeof pick === 'string' ? this.#noPick(pick) : pick
  }

  #acquireAt(endpoint: Endpoint): Pick {
    if (this.#closed) throw viewClosed(this.#tools)
    const pick = this.#selector.acquireAt(endpoint)
    if (typeof pick === 'string') throw noRoom(endpoint.instance.id, this.#selector)
    return pick
  }

  #everybody(): readonly Endpoint[] {
    if (this.#version === 0) this.#mustBeReady()
    return this.#selector.members
  }

  #callable(): readonly Endpoint[] {
    if (this.#version === 0) this.#mustBeReady()
    const candidates = this.#selector.candidates()
    return candidates.length > 0 ? candidates : this.#noPick('nobody')
  }

  #started(): ServiceWatch {
    if (this.#watch) return this.#watch
    if (this.#closed) throw viewClosed(this.#tools)
    this.#watch = this.#tools.watch()
    this.#stopWatching = this.#watch.latest.onChange(() => this.#update())
    this.#update()
    return this.#watch
  }

  #update(): void {
    const snapshot = this.#watch?.latest.value
    if (!snapshot || this.#closed || snapshot.version === this.#version) return
    this.#version = snapshot.version
    this.#selector.update(snapshot.instances, snapshot.held)
    this.#prober?.update()
  }

  #mustBeReady(): void {
    if (this.#closed) throw viewClosed(this.#tools)
    const { failure } = this.#started()
    if (this.#version === 0) throw notReady(this.#tools, failure)
  }

  #noPick(why: NoPick): never {
    throw noPick(this.#tools, why, this.#selector, this.snapshot, this.ageMs)
  }
}

function proberOf(selector: Selector, probe: Probe, { clock, random }: Supervision): Prober {
  const probed: Probed = {
    endpoints: () => selector.members,
    settleProbe: (endpoint, verdict, reason) => selector.settleProbe(endpoint, verdict, reason),
    lastCallAt: () => selector.lastCallAt(),
  }
  return new Prober({ probed, clock, random, plan: planProbe(probe) })
}

function tell(events: Events, service: string, event: SelectionEvent): void {
  const { type, ...details } = event
  events.emit(type, { service, ...details })
}
