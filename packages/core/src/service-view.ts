import type { ServiceWatch } from './discovery/service-watch.js'
import type { Snapshot } from './discovery/snapshot.js'
import { RollcallError } from './errors.js'
import type { Events } from './events.js'
import { call, type CallOptions, type CallSource, type Callee } from './failover/call.js'
import type { Instance } from './instance.js'
import { badOption, show, unknownOption } from './options.js'
import type { Balancer, BalancerName, BalancerPlan } from './selection/balancers/balancer.js'
import type { Endpoint } from './selection/endpoint.js'
import type { Pick } from './selection/pick.js'
import { Selector, type SelectionEvent } from './selection/selector.js'
import type { Supervision } from './supervise/keep-trying.js'

export interface ServiceOptions {
  /** How one of the candidates is chosen: a name, or a function of your own. */
  balancer?: BalancerName | Balancer | BalancerPlan
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
  readonly #source: CallSource
  #watch: ServiceWatch | undefined
  #stopWatching = (): void => {}
  #version = 0
  #closed = false

  constructor(tools: ViewTools, options: ServiceOptions = {}) {
    const { service, supervision, events } = tools
    if (typeof options !== 'object' || options === null)
      throw badOption('options', `is ${show(options)}`, 'give an object')
    for (const name of Object.keys(options)) if (name !== 'balancer') throw unknownOption(name, ['balancer'])
    this.service = service
    this.#tools = tools
    this.#selector = new Selector({
      clock: supervision.clock,
      random: supervision.random,
      ...(options.balancer !== undefined && { balancer: options.balancer }),
      onEvent: (event) => tell(events, service, event),
    })
    this.#source = {
      service,
      clock: supervision.clock,
      random: supervision.random,
      ready: async (signal) => void (await this.ready({ signal })),
      whyNotReady: () => this.#watch?.failure?.message,
      acquire: (tried) => this.#acquire(tried),
    }
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
   * Throws NOT_READY before the first snapshot, NO_INSTANCES and CLOSED.
   */
  pick(): Instance {
    if (this.#version === 0) this.#mustBeReady()
    return this.#selector.pick() ?? this.#noInstances()
  }

  /** Like `pick`, but the call is counted until `done(outcome)`, and its outcome is learned from. */
  acquire(): Pick {
    return this.#acquire()
  }

  /**
   * Calls `fn` with an instance, and again with another one when that is safe: when the first surely never received
   * the request, or the call is `idempotent`. Waits for the first snapshot within its deadline.
   */
  call<T>(fn: Callee<T>, options?: CallOptions<T>): Promise<T> {
    return call(this.#source, fn, options)
  }

  /** Ends this view; with a service's last view ends its watch. Calls under way go on. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#version = 0
    this.#stopWatching()
    this.#tools.onClose()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #acquire(tried?: ReadonlySet<Endpoint>): Pick {
    if (this.#version === 0) this.#mustBeReady()
    return this.#selector.acquire(tried) ?? this.#noInstances()
  }

  #started(): ServiceWatch {
    if (this.#watch) return this.#watch
    if (this.#closed) throw this.#closedError()
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
  }

  #mustBeReady(): void {
    if (this.#closed) throw this.#closedError()
    const { failure } = this.#started()
    if (this.#version > 0) return
    const why = failure ? ` (${failure.message})` : ''
    throw new RollcallError(
      'NOT_READY',
      `${this.#tools.url} has not listed ${this.service} yet${why}: await ready() first.`,
    )
  }

  #noInstances(): never {
    const { snapshot, ageMs } = this
    const excluded = this.#selector.exclusions().map(({ id, reason }) => `${id} ${reason}`)
    const who =
      excluded.length === 0
        ? 'the set is empty'
        : `none of ${excluded.length} can be called: ${excluded.slice(0, 10).join(', ')}`
    const state = `${snapshot?.state} snapshot ${snapshot?.version}, ${ageMs} ms old`
    throw new RollcallError(
      'NO_INSTANCES',
      `${this.#tools.url} has no instance of ${this.service} (${state}): ${who}.`,
    )
  }

  #closedError(): RollcallError {
    return new RollcallError(
      'CLOSED',
      `This view of ${this.service} is closed: ask the registry for a new one.`,
    )
  }
}

function tell(events: Events, service: string, event: SelectionEvent): void {
  const { id } = event
  if (event.type === 'endpoint.returned') return events.emit(event.type, { service, id })
  events.emit(event.type, { service, id, reason: event.reason, forMs: event.forMs })
}
