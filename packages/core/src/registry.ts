import { planHealth } from './announce-health.js'
import { checkServiceName, type AnnounceOptions } from './announce.js'
import { Announcement } from './announcement.js'
import type { Adapter, Capabilities, Listing } from './contract.js'
import { SavedSnapshot } from './discovery/saved-snapshot.js'
import type { ServiceOptions } from './service-options.js'
import { ServiceView } from './service-view.js'
import { followServiceNames } from './discovery/service-names.js'
import type { WatchTools } from './discovery/service-watch.js'
import { ServiceWatches } from './discovery/service-watches.js'
import type { Probe } from './discovery/tcp-probe.js'
import { RollcallError } from './errors.js'
import type { Events } from './events.js'
import { announce } from './supervise/announce.js'
import { aborted, controllerOfMany, within } from './supervise/attempt.js'
import { Registrar } from './supervise/keep-registered.js'
import type { Supervision } from './supervise/keep-trying.js'
import { readOnce } from './supervise/read-once.js'

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
  /** What the adapter warned of while it was opened: told at first use, when somebody may listen. */
  readonly warnings: string[]
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
  readonly #watches: ServiceWatches<ServiceView>
  readonly #memo = new Map<string, ServiceView>()
  readonly #over = controllerOfMany()
  #closing: Promise<void> | undefined

  constructor(tools: RegistryTools) {
    const { adapter, supervision, events, ttlMs, verbMs, verifyMs, url } = tools
    this.#tools = tools
    this.events = events
    this.url = url
    this.#watches = new ServiceWatches(this.#watchTools())
    this.#registrar = new Registrar({
      adapter,
      supervision,
      events,
      ttlMs,
      verbMs,
      verifyMs,
      read: (service) => this.#readBack(service),
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
    const { supervision, events, ttlMs } = this.#tools
    const { health: wanted } = options ?? {}
    const health = wanted === undefined ? undefined : planHealth(wanted, ttlMs)
    const registration = await announce({ ...this.#tools, registrar: this.#registrar }, options)
    return new Announcement({ registration, supervision, events, health })
  }

  /**
   * A view of a service. Asked for again without options it is the same view; with options it is another one on the
   * same watch. The watch starts at first use and ends with the last view's `close`.
   * Throws BAD_OPTION, UNKNOWN_OPTION and CLOSED.
   */
  service(name: string, options?: ServiceOptions): ServiceView {
    return (options === undefined ? this.#memo.get(name) : undefined) ?? this.#makeView(name, options)
  }

  /**
   * The names with at least one instance listed: now, and after every change. Ends with the registry, or rejects with
   * the signal's reason. Throws UNSUPPORTED when the backend can't tell, MISCONFIGURED when it
   * refuses us before it told any.
   */
  async *watchServices({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<readonly string[], void> {
    this.#open()
    yield* followServiceNames(this.#tools, this.#over.signal, signal)
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
    const closed = new RollcallError('CLOSED', `The registry ${this.url} is closed.`)
    this.#over.abort(closed)
    for (const view of [...this.#watches.users, ...this.#memo.values()]) view.close()
    // A quarter of the time is the adapter's, to end its connections politely.
    await within(supervision.clock, closeLimitMs * 0.75, closed, (signal) => this.#registrar.close(signal))
    await within(supervision.clock, closeLimitMs * 0.25, closed, async (signal) => {
      await Promise.race([adapter.close?.(signal), aborted(signal)]).catch(() => {})
    })
  }

  #open(): void {
    if (this.#over.signal.aborted)
      throw new RollcallError('CLOSED', `The registry ${this.url} is closed: connect again.`)
    const { warnings, events } = this.#tools
    for (const message of warnings.splice(0)) events.emit('adapter.warning', { message })
  }

  /** Apart from `service`, which is on the way of every pick: closures in it would cost each call a context. */
  #makeView(name: string, options: ServiceOptions | undefined): ServiceView {
    this.#open()
    checkServiceName(name)
    const view = new ServiceView(
      {
        ...this.#tools,
        service: name,
        watch: () => {
          this.#open()
          return this.#watches.use(name, view)
        },
        onClose: () => this.#forget(name, view),
      },
      options,
    )
    if (options === undefined) this.#memo.set(name, view)
    return view
  }

  #forget(service: string, view: ServiceView): void {
    if (this.#memo.get(service) === view) this.#memo.delete(service)
    this.#watches.leave(service, view)
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
  #readBack(service: string): Promise<Listing> {
    const { adapter, supervision, verbMs } = this.#tools
    const what = `${adapter.name}: reading ${service} back`
    const limits = { clock: supervision.clock, limitMs: verbMs, signal: this.#over.signal, what }
    return readOnce(limits, (signal) => adapter.watch(service, signal))
  }
}
