import { instanceToAnnounce, checkServiceName, type AnnounceOptions } from './announce.js'
import { advertisedHost } from './advertised-host.js'
import { Announcement } from './announcement.js'
import type { Adapter, Capabilities, Listing } from './contract.js'
import { Latest } from './discovery/latest.js'
import { SavedSnapshot } from './discovery/saved-snapshot.js'
import { ServiceView, type ServiceOptions } from './service-view.js'
import { ServiceWatch, type WatchTools } from './discovery/service-watch.js'
import type { Probe } from './discovery/tcp-probe.js'
import { RollcallError } from './errors.js'
import type { Events } from './events.js'
import { createIncarnation } from './incarnation.js'
import { attempt } from './supervise/attempt.js'
import { Registrar } from './supervise/keep-registered.js'
import type { Supervision } from './supervise/keep-trying.js'
import { keepWatching } from './supervise/keep-watching.js'

/** What `connect` puts together for a registry. */
export interface RegistryTools {
  readonly adapter: Adapter
  readonly supervision: Supervision
  readonly events: Events
  readonly probe: Probe
  /** The URL as it may be shown. */
  readonly url: string
  readonly host: string | undefined
  readonly defaultHost: string | undefined
  readonly ttlMs: number
  readonly verbMs: number
  readonly quietMs: number
  readonly verifyMs: number
  readonly maxStaleMs: number
  readonly snapshotDir: string | undefined
}

/** Beyond the TTL, how long those that vanished in a mass are held: time for their processes to register again. */
const holdBeyondTtlMs = 10_000

const closeLimitMs = 5_000

/** What a user holds: one backend, what is announced there and what is watched there. */
export class Registry {
  /** The one stream of what happens here. */
  readonly events: Events
  /** The registry's URL without secrets. */
  readonly url: string
  readonly #tools: RegistryTools
  readonly #registrar: Registrar
  readonly #watches = new Map<string, { watch: ServiceWatch; views: Set<ServiceView> }>()
  readonly #memo = new Map<string, ServiceView>()
  readonly #over = new AbortController()
  #closing: Promise<void> | undefined

  constructor(tools: RegistryTools) {
    const { adapter, supervision, events, ttlMs, verbMs, verifyMs, url } = tools
    this.#tools = tools
    this.events = events
    this.url = url
    this.#registrar = new Registrar({
      adapter,
      supervision,
      events,
      ttlMs,
      verbMs,
      verifyMs,
      read: (service) => this.#readOnce(service),
    })
  }

  /** The backend's name: `etcd`. */
  get name(): string {
    return this.#tools.adapter.name
  }

  /** What the backend can do. */
  get capabilities(): Capabilities {
    return this.#tools.adapter.capabilities
  }

  /**
   * Announces an instance of this process and keeps it announced.
   *
   * Resolves after the first attempt, whether or not the store answered: look at `state`, or wait for
   * `registered()`. Rejects with BAD_OPTION, UNKNOWN_OPTION, HOST_REQUIRED, READ_ONLY, REPLACED and MISCONFIGURED;
   * then nothing is kept.
   */
  async announce(options: AnnounceOptions): Promise<Announcement> {
    this.#open()
    const { adapter, supervision, events, host, defaultHost } = this.#tools
    if (!adapter.register) {
      throw new RollcallError('READ_ONLY', `${adapter.name} only discovers: announce on another registry.`)
    }
    const instance = instanceToAnnounce(options, {
      host: advertisedHost(options?.host ?? host, defaultHost),
      incarnation: createIncarnation(supervision.clock, supervision.random),
      registeredAt: supervision.clock.wall(),
    })
    const registration = this.#registrar.keep(instance)
    await registration.settled()
    const { lastError: error } = registration
    if (error?.code === 'MISCONFIGURED' || error?.code === 'REPLACED') {
      await registration.withdraw(AbortSignal.abort(error))
      throw error
    }
    return new Announcement(registration, events, supervision.clock)
  }

  /**
   * A view of a service. Asked for again without options it is the same view; with options it is another one on the
   * same watch. The watch starts at first use and ends with the last view's `close`.
   * Throws BAD_OPTION, UNKNOWN_OPTION and CLOSED.
   */
  service(name: string, options?: ServiceOptions): ServiceView {
    const known = options === undefined ? this.#memo.get(name) : undefined
    if (known) return known
    this.#open()
    checkServiceName(name)
    const view = new ServiceView(
      {
        ...this.#tools,
        service: name,
        watch: () => this.#watchOf(name, view),
        onClose: () => this.#forget(name, view),
      },
      options,
    )
    if (options === undefined) this.#memo.set(name, view)
    return view
  }

  /**
   * The names with at least one instance listed: now, and after every change. Ends with the registry, or rejects with
   * the signal's reason. Throws UNSUPPORTED when the backend can't tell.
   */
  async *watchServices({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<readonly string[], void> {
    this.#open()
    const { adapter, supervision, events, verbMs, quietMs } = this.#tools
    if (!adapter.watchServices) {
      throw new RollcallError('UNSUPPORTED', `${adapter.name} can not list its services: name them yourself.`)
    }
    const latest = new Latest<readonly string[]>()
    const over = new AbortController()
    this.#over.signal.addEventListener('abort', () => over.abort(), { once: true })
    over.signal.addEventListener('abort', () => latest.close(), { once: true })
    void keepWatching(supervision, over.signal, {
      what: `${adapter.name}: the watch of services`,
      open: (own) => eachAsObject(adapter.watchServices!(own)),
      firstMs: verbMs,
      quietMs,
      onListing: ({ names }) => {
        if (names.join() !== latest.value?.join()) latest.set(names)
      },
      onFailure: (error, inMs) =>
        events.emit('watch.failed', { service: '*', error: error as RollcallError, inMs }),
    })
    try {
      yield* latest.follow(signal)
    } finally {
      over.abort()
    }
  }

  /** Takes back all announcements and ends all views, within 5 s, however dead the store is. The process may exit. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { adapter, supervision } = this.#tools
    const limit = new AbortController()
    const closed = new RollcallError('CLOSED', `The registry ${this.url} is closed.`)
    const cancel = supervision.clock.after(closeLimitMs, () => limit.abort(closed))
    this.#over.abort(closed)
    for (const { watch, views } of [...this.#watches.values()]) {
      for (const view of [...views]) view.close()
      watch.close()
    }
    for (const view of this.#memo.values()) view.close()
    // A quarter of the time is the adapter's, to end its connections politely.
    const withdrawing = new AbortController()
    const cancelWithdrawing = supervision.clock.after(closeLimitMs * 0.75, () => withdrawing.abort(closed))
    await this.#registrar.close(withdrawing.signal)
    cancelWithdrawing()
    await Promise.race([adapter.close?.(limit.signal), rejected(limit.signal)]).catch(() => {})
    cancel()
    limit.abort(closed)
  }

  #open(): void {
    if (this.#closing) throw new RollcallError('CLOSED', `The registry ${this.url} is closed: connect again.`)
  }

  #watchOf(service: string, view: ServiceView): ServiceWatch {
    this.#open()
    let entry = this.#watches.get(service)
    if (!entry) {
      entry = { watch: new ServiceWatch(this.#watchTools(), service), views: new Set() }
      this.#watches.set(service, entry)
    }
    entry.views.add(view)
    return entry.watch
  }

  #forget(service: string, view: ServiceView): void {
    if (this.#memo.get(service) === view) this.#memo.delete(service)
    const entry = this.#watches.get(service)
    if (!entry?.views.delete(view) || entry.views.size > 0) return
    this.#watches.delete(service)
    entry.watch.close()
  }

  #watchTools(): WatchTools {
    const { snapshotDir, url, ttlMs } = this.#tools
    return {
      ...this.#tools,
      source: url,
      holdMs: ttlMs + holdBeyondTtlMs,
      savedSnapshot: (service) =>
        snapshotDir === undefined ? undefined : new SavedSnapshot(snapshotDir, url, service),
      onListing: (service, listing) => this.#registrar.observe(service, listing),
    }
  }

  /** One listing by the watch path, as a caller's view would get it first. */
  #readOnce(service: string): Promise<Listing> {
    const { adapter, supervision, verbMs } = this.#tools
    const what = `${adapter.name}: reading ${service} back`
    const limits = { clock: supervision.clock, limitMs: verbMs, signal: this.#over.signal, what }
    return attempt(limits, async (signal) => {
      for await (const listing of adapter.watch(service, signal)) return listing
      throw new RollcallError('UNAVAILABLE', `${what} ended without a listing`)
    })
  }
}

async function* eachAsObject(
  lists: AsyncIterable<readonly string[]>,
): AsyncGenerator<{ names: readonly string[]; askAgainMs?: number }> {
  for await (const names of lists) yield { names: names.toSorted() }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
