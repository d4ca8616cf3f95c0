import type { Adapter, Capabilities, Instance, Lease, Listing } from '@rollcall/core/adapter'
import { Script } from './script.js'
import { ScriptedLease } from './scripted-lease.js'
import { ScriptedWatch } from './scripted-watch.js'

type WatchArgs = [service: string, signal: AbortSignal]
type RegisterArgs = [instance: Instance, ttlMs: number, signal: AbortSignal]
type ReleaseArgs = [instance: Instance, signal: AbortSignal]
type CloseArgs = [signal: AbortSignal]

const everything: Capabilities = {
  register: true,
  update: true,
  watchServices: true,
  weights: true,
  metadata: true,
  status: true,
  sharedLease: false,
  minTtlMs: 1,
  maxTtlMs: 86_400_000,
  ttlStepMs: 1,
  goneAfterMs: 0,
  quietMs: 30_000,
}

/**
 * An adapter without a store: a test says what each verb does. Left alone, watches wait for the first `list`,
 * every registration gets a lease of its own for the TTL it asked for, and release and close succeed.
 *
 * ```ts
 * adapter.registering.next(throws(error), hangs()) // the first call throws, the second hangs, the third succeeds
 * adapter.list('orders', [instance])               // seen by every watch of orders, open or yet to come
 * adapter.endWatches('orders', error)              // those open now throw; new ones list again
 * ```
 */
export class ScriptedAdapter implements Adapter {
  readonly name: string
  readonly capabilities: Capabilities
  /** Asked when a watch is first pulled, before it follows what `list` gives. */
  readonly watching: Script<WatchArgs, void> = new Script<WatchArgs, void>(() => {})
  readonly registering: Script<RegisterArgs, Lease>
  readonly releasing: Script<ReleaseArgs, void> = new Script<ReleaseArgs, void>(() => {})
  readonly closing: Script<CloseArgs, void> = new Script<CloseArgs, void>(() => {})
  /** Every lease that was granted as always, oldest first. */
  readonly leases: ScriptedLease[] = []
  readonly #watches = new Map<string, ScriptedWatch<Listing>>()
  readonly #services = new ScriptedWatch<readonly string[]>()

  constructor({ name = 'scripted', ...capabilities }: Partial<Capabilities> & { name?: string } = {}) {
    this.name = name
    this.capabilities = { ...everything, ...capabilities }
    this.registering = new Script<RegisterArgs, Lease>((_, ttlMs) => this.#grant(ttlMs))
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    await this.watching.run(service, signal)
    yield* this.#watch(service).follow(signal)
  }

  watchServices(signal: AbortSignal): AsyncIterable<readonly string[]> {
    return this.#services.follow(signal)
  }

  register(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    return this.registering.run(instance, ttlMs, signal)
  }

  release(instance: Instance, signal: AbortSignal): Promise<void> {
    return this.releasing.run(instance, signal)
  }

  close(signal: AbortSignal): Promise<void> {
    return this.closing.run(signal)
  }

  /** The set of the service from now on; `more` fills the listing's other fields. */
  list(service: string, instances: readonly Instance[], more: Partial<Listing> = {}): void {
    this.#watch(service).push({ instances, skipped: [], ...more })
  }

  /** The names that `watchServices` tells from now on. */
  listServices(...names: string[]): void {
    this.#services.push(names)
  }

  /** Ends the watches of the service that are open now: they throw the error, or return when there is none. */
  endWatches(service: string, error?: Error): void {
    this.#watch(service).end(error)
  }

  /** How many watches of the service are waiting for news. */
  waiting(service: string): number {
    return this.#watch(service).waiting
  }

  #grant(ttlMs: number): ScriptedLease {
    const shared = this.capabilities.sharedLease ? this.leases.at(-1) : undefined
    if (shared && !shared.lost.aborted) return shared
    const lease = new ScriptedLease(ttlMs)
    this.leases.push(lease)
    return lease
  }

  #watch(service: string): ScriptedWatch<Listing> {
    const watch = this.#watches.get(service) ?? new ScriptedWatch<Listing>()
    this.#watches.set(service, watch)
    return watch
  }
}
