import type { Snapshot, SnapshotState } from './discovery/snapshot.js'
import type { Events } from './events.js'
import type { CallOptions, Callee } from './failover/call.js'
import type { CallCounts } from './failover/call-events.js'
import { Caller } from './failover/caller.js'
import type { Probe } from './health/probe-options.js'
import { planProbe } from './health/probe-plan.js'
import { Prober, type Probed } from './health/prober.js'
import type { Instance } from './instance.js'
import { badOption, show } from './options.js'
import type { Endpoint } from './selection/endpoint.js'
import type { Pick } from './selection/pick.js'
import type { PickExplanation, SelectionExplanation } from './selection/explanation.js'
import { Selector } from './selection/selector.js'
import type { SelectionEvent } from './selection/selection.js'
import { selectionOf, type ServiceOptions } from './service-options.js'
import { keyOf, type PickOptions } from './pick-options.js'
import { ViewFeed } from './view-feed.js'
import { ViewPicks } from './view-picks.js'
import type { ViewTools } from './view-tools.js'
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

/** What a user holds for one service: its last snapshot, its endpoints, `pick` and `call`. */
export class ServiceView {
  readonly service: string
  readonly #tools: ViewTools
  readonly #selector: Selector
  readonly #caller: Caller
  readonly #prober: Prober | undefined
  readonly #feed: ViewFeed
  readonly #picks: ViewPicks
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
    this.#feed = new ViewFeed(tools, ({ instances, held }) => {
      this.#selector.update(instances, held)
      this.#prober?.update()
    })
    this.#picks = new ViewPicks(tools, this.#feed, this.#selector)
    this.#caller = new Caller(this.#picks, options)
  }

  /** The last snapshot; undefined before the first. */
  get snapshot(): Snapshot | undefined {
    return this.#feed.snapshot
  }

  /** How long ago the store last confirmed the snapshot, in milliseconds; undefined before the first. */
  get ageMs(): number | undefined {
    return this.#feed.ageMs
  }

  /** The instances and what was learned by calling them. */
  get endpoints(): readonly Endpoint[] {
    if (!this.#closed) this.#feed.started()
    return this.#selector.endpoints
  }

  /**
   * Resolves with the first snapshot, however old or empty.
   * Rejects with MISCONFIGURED when the store refuses us, with CLOSED, and with the signal's reason.
   */
  async ready({ signal }: { signal?: AbortSignal } = {}): Promise<Snapshot> {
    return this.#feed.started().ready(signal)
  }

  /** The present snapshot and every newer one. Who is slow misses some in between, never the last. */
  watch({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<Snapshot, void, undefined> {
    return this.#feed.started().latest.follow(signal)
  }

  /** Calls `listener` with the present snapshot, if there is one, and with every newer one. Returns the way to stop. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    if (typeof listener !== 'function') throw badOption('listener', `is ${show(listener)}`, 'give a function')
    const { latest } = this.#feed.started()
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
    return this.#selector.pick(key) ?? this.#picks.pickAfterAll(key)
  }

  /** Like `pick`, but the call is counted until `done(outcome)`, and its outcome is learned from. */
  acquire(request?: PickOptions): Pick {
    return this.#picks.acquire(request === undefined ? undefined : { key: keyOf(request) })
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
    return this.#picks.explain(request === undefined ? undefined : keyOf(request))
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
    this.#feed.close()
    this.#selector.close()
    this.#caller.close()
    this.#prober?.close()
    this.#tools.onClose()
  }

  [Symbol.dispose](): void {
    this.close()
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
