import type { Adapter, Listing } from '../contract.js'
import { RollcallError, isRollcallError, messageOf } from '../errors.js'
import type { Events } from '../events.js'
import { withFields, type Instance } from '../instance.js'
import { controllerOfMany } from '../supervise/attempt.js'
import type { Supervision } from '../supervise/keep-trying.js'
import { keepWatching } from '../supervise/keep-watching.js'
import { Holding } from './holding.js'
import { Latest } from './latest.js'
import type { SavedSnapshot } from './saved-snapshot.js'
import { SkippedRecords } from './skipped-records.js'
import { canonical, nextSnapshot, type Snapshot } from './snapshot.js'
import type { Probe } from './tcp-probe.js'

/** What every watch of a registry works with. */
export interface WatchTools {
  readonly adapter: Adapter
  readonly supervision: Supervision
  readonly events: Events
  readonly probe: Probe
  /** The registry's URL as it may be shown. */
  readonly source: string
  readonly verbMs: number
  readonly quietMs: number
  readonly holdMs: number
  readonly maxStaleMs: number
  savedSnapshot(service: string): SavedSnapshot | undefined
  /** Told of every listing, so that our own registrations are verified. */
  onListing(service: string, listing: Listing): void
}

/** An unchanged set is saved again when the saved one is this old: a cold start asks when it was confirmed. */
const saveAgainMs = 60_000

/** Follows one service in the store, for all its views, and turns listings into snapshots. */
export class ServiceWatch {
  readonly service: string
  readonly latest: Latest<Snapshot> = new Latest()
  readonly #tools: WatchTools
  readonly #over = controllerOfMany()
  readonly #holding: Holding
  readonly #skipped: SkippedRecords
  readonly #saved: SavedSnapshot | undefined
  #listed: readonly Instance[] = []
  #lapsed: readonly Instance[] = []
  #source: string
  #revision: string | undefined
  #confirmedAt = 0
  #savedAt = 0
  #failure: RollcallError | undefined
  /** Looking for a saved set: who waits for a first snapshot has not been refused yet. */
  #loading = false
  #cancelTooStale = (): void => {}

  constructor(tools: WatchTools, service: string) {
    const { supervision, probe, holdMs, events } = tools
    this.service = service
    this.#tools = tools
    this.#source = tools.source
    this.#skipped = new SkippedRecords(events, service)
    this.#saved = tools.savedSnapshot(service)
    this.#holding = new Holding({
      clock: supervision.clock,
      probe,
      holdMs,
      signal: this.#over.signal,
      onHeld: (held) =>
        events.emit('snapshot.held', { service, ids: held.map(({ id }) => id), forMs: holdMs }),
      onReleased: ({ id }, reason) => {
        events.emit('snapshot.released', { service, id, reason })
        this.#publish()
      },
    })
    void this.#run()
  }

  /** Why the watch does not work at present. */
  get failure(): RollcallError | undefined {
    return this.#failure
  }

  /** Resolves with the first snapshot. Rejects with MISCONFIGURED, with the signal's reason, and after `close`. */
  async ready(signal?: AbortSignal): Promise<Snapshot> {
    const { latest } = this
    const refused = (): boolean => !this.#loading && isRollcallError(this.#failure, 'MISCONFIGURED')
    await latest.until(() => latest.value !== undefined || latest.closed || refused(), signal)
    if (latest.value) return latest.value
    if (latest.closed) throw new RollcallError('CLOSED', `The watch of ${this.service} is closed.`)
    throw this.#failure!
  }

  close(): void {
    this.#over.abort(new RollcallError('CLOSED', `The watch of ${this.service} is closed.`))
    this.#cancelTooStale()
    this.latest.close()
  }

  async #run(): Promise<void> {
    const { adapter, supervision, verbMs, quietMs } = this.#tools
    await keepWatching<Listing>(supervision, this.#over.signal, {
      what: `${adapter.name}: the watch of ${this.service}`,
      open: (signal) => adapter.watch(this.service, signal),
      firstMs: verbMs,
      quietMs,
      onListing: (listing) => this.#onListing(listing),
      onFailure: (error, inMs) => this.#onFailure(error as RollcallError, inMs),
    })
  }

  #onListing(listing: Listing): void {
    const { events, source, supervision } = this.#tools
    const recovered = this.#failure !== undefined
    this.#failure = undefined
    this.#cancelTooStale()
    this.#skipped.report(listing.skipped)
    this.#tools.onListing(this.service, listing)
    this.#listed = canonical(listing.instances)
    this.#lapsed = (listing.lapsed ?? []).map((instance) => withFields(instance, { status: 'down' }))
    this.#source = source
    this.#revision = listing.revision
    this.#confirmedAt = supervision.clock.wall()
    this.#holding.admit(this.#listed)
    this.#publish()
    this.#save()
    if (recovered) events.emit('watch.recovered', { service: this.service })
  }

  #onFailure(error: RollcallError, inMs: number): void {
    const first = this.#failure === undefined
    this.#failure = error
    this.#tools.events.emit('watch.failed', { service: this.service, error, inMs })
    if (this.latest.value) {
      this.#publish()
      if (first) this.#startTooStale()
    } else if (first) void this.#adoptSaved()
    else this.latest.wake()
  }

  /** Makes a snapshot of what is listed, held and lapsed; one that says nothing new wakes nobody. */
  #publish(): void {
    const before = this.latest.value
    const { snapshot, changes } = nextSnapshot(this.service, before, {
      listed: this.#listed,
      held: this.#holding.held,
      lapsed: this.#lapsed,
      failure: this.#failure?.message,
      source: this.#source,
      revision: this.#revision,
      confirmedAt: this.#confirmedAt,
    })
    if (changes === undefined && before?.state === snapshot.state) return this.latest.refresh(snapshot)
    if (changes !== undefined) this.#savedAt = 0
    this.latest.set(snapshot)
    if (changes === undefined) return
    const { version, instances } = snapshot
    const size = instances.length
    this.#tools.events.emit('snapshot.changed', { service: this.service, version, size, ...changes })
  }

  #startTooStale(): void {
    const { supervision, maxStaleMs } = this.#tools
    if (maxStaleMs === Infinity) return
    const age = supervision.clock.wall() - this.#confirmedAt
    this.#cancelTooStale = supervision.clock.after(Math.max(0, maxStaleMs - age), () => {
      // The user will have no set that old: better none.
      this.#holding.clear()
      this.#listed = []
      this.#lapsed = []
      this.#publish()
    })
  }

  #save(): void {
    const { instances, confirmedAt, state } = this.latest.value!
    if (!this.#saved || state !== 'live' || confirmedAt - this.#savedAt < saveAgainMs) return
    const worthKeeping = instances.filter(({ status }) => status !== 'down')
    // An empty set is no help at a cold start, and may be the very lie that the saved one protects from.
    if (worthKeeping.length === 0) return
    this.#savedAt = confirmedAt
    this.#saved.save({ instances: worthKeeping, confirmedAt }).catch(this.#onSavedFailed)
  }

  /** The store could not be asked even once: the set that an earlier run saved is better than none. */
  async #adoptSaved(): Promise<void> {
    this.#loading = this.#saved !== undefined
    const saved = await this.#saved?.load().catch(this.#onSavedFailed)
    this.#loading = false
    if (this.latest.value || this.latest.closed) return
    const { supervision, maxStaleMs } = this.#tools
    if (!saved || supervision.clock.wall() - saved.confirmedAt > maxStaleMs) return this.latest.wake()
    this.#listed = canonical(saved.instances)
    // So that a first listing that is empty is doubted too.
    this.#holding.admit(this.#listed)
    this.#source = 'disk'
    this.#confirmedAt = saved.confirmedAt
    this.#publish()
    this.#startTooStale()
  }

  readonly #onSavedFailed = (cause: unknown): undefined => {
    const error = new RollcallError('UNAVAILABLE', `The saved snapshot failed: ${messageOf(cause)}`, {
      cause,
    })
    this.#tools.events.emit('saved-snapshot.failed', { service: this.service, error })
  }
}
