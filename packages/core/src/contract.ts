import type { Accepts, BackendUrl } from './backend-url.js'
import type { Clock } from './clock.js'
import type { Instance } from './instance.js'
import type { OptionSpecs, OptionsOf } from './options.js'
import type { Random } from './random.js'

/**
 * Speaks to one backend. Every verb does its job once and throws when it cannot: repeating, waiting, backing off
 * and heartbeating are core's. An adapter has no retry loop, no timer, no cache and no logger.
 *
 * After an abort every verb rejects with `signal.reason` within 100 ms and leaves no handle behind. Each attempt
 * gets a signal of its own, aborted when the attempt is over, however it ended.
 */
export interface Adapter {
  /** As in errors and events: `etcd`. */
  readonly name: string
  readonly capabilities: Capabilities
  /**
   * Yields the current set at once, even if it is empty, then again after every change, and whenever the store
   * confirms it unchanged. Every call lists anew and follows from that listing; it never resumes an older watch.
   * Between pulls it keeps the latest set, never a queue. Returning counts as throwing.
   */
  watch(service: string, signal: AbortSignal): AsyncIterable<Listing>
  /**
   * Writes the instance so that it vanishes by itself `ttlMs` after the last renewal. Called again for a known id it
   * is an update, and the instance is never absent in between. Throws REPLACED when a newer incarnation
   * of the id is registered. Calls for one id never overlap.
   */
  register?(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<Lease>
  /** Removes our incarnation of the instance now. Needs no lease; an instance already gone is success. */
  release?(instance: Instance, signal: AbortSignal): Promise<void>
  /** The names with at least one instance listed, whatever its status: at once, then after every change. */
  watchServices?(signal: AbortSignal): AsyncIterable<readonly string[]>
  /** Lets go of everything: connections politely while the signal allows, then by force. */
  close?(signal: AbortSignal): Promise<void>
}

/** What an adapter's store can do: plain data, read by users and by the conformance suite. */
export interface Capabilities {
  /** Instances can be announced; false for a read-only source. */
  readonly register: boolean
  /** Registering again updates in place. */
  readonly update: boolean
  readonly watchServices: boolean
  readonly weights: boolean
  readonly metadata: boolean
  readonly status: boolean
  /** Many instances live under one Lease object, so that one heartbeat serves them all. */
  readonly sharedLease: boolean
  /** What the store grants: a TTL outside the range, or between two steps, is granted unlike asked. */
  readonly minTtlMs: number
  readonly maxTtlMs: number
  readonly ttlStepMs: number
  /** An instance that stopped renewing is no more among a listing's `instances` this long after its TTL at the latest. */
  readonly goneAfterMs: number
  /** A watch that said nothing for this long is taken for dead and replaced. */
  readonly quietMs: number
}

/** The whole set of a service, once. Of two instances with one id core takes the newer incarnation. */
export interface Listing {
  readonly instances: readonly Instance[]
  /**
   * Instances that the store still shows although their lease has run out (Consul's critical ones). Core lists them
   * as `down`, and takes their sudden number for what it is: a mass removal.
   */
  readonly lapsed?: readonly Instance[]
  /** Records, usually of other writers, that could not be read. */
  readonly skipped: readonly SkippedRecord[]
  /** The store's own mark for this state, for people to compare. */
  readonly revision?: string
  /** How long core should wait before it pulls again: a poll interval, a DNS TTL, the next expiry. */
  readonly askAgainMs?: number
}

export interface SkippedRecord {
  readonly key: string
  readonly reason: string
}

/**
 * The store's promise to list what was registered under it for a while. One object may be returned for many
 * instances; core beats each distinct object once.
 */
export interface Lease {
  /** What the store granted; core renews about every third of it. */
  readonly ttlMs: number
  /** Throws LEASE_LOST when the store has forgotten it, REPLACED when a newer incarnation has the id. */
  renew(signal: AbortSignal): Promise<void>
  /** Aborted when the store itself says that the lease is gone: core does not wait for the next beat. */
  readonly lost?: AbortSignal | undefined
}

/** How `connect` finds and opens an adapter. Of a definition of one's own only `schemes` and `open` must be given. */
export interface AdapterDefinition<S extends OptionSpecs = OptionSpecs> {
  /** The URL schemes it serves, without `+tls`. */
  readonly schemes: readonly string[]
  /** What its URLs may hold; all absent means neither. */
  readonly accepts?: Accepts
  /** The host to announce when the user names none; without it core looks for the machine's address. */
  readonly defaultHost?: string
  /** The options of its own; any other is an error. */
  readonly options?: S
  /** Makes the adapter and contacts nothing. Throws BAD_OPTION for what can't work. */
  open(url: BackendUrl, options: OptionsOf<S>, context: AdapterContext): Adapter
}

/** What core lends an adapter. */
export interface AdapterContext {
  readonly clock: Clock
  readonly random: Random
  /** The registry's TTL, for stores whose sessions are opened before anything is registered. */
  readonly ttlMs: number
  /** Reports something that works, but not as well as the user may think; becomes an `adapter.warning` event. */
  warn(message: string): void
}

/** Types an adapter's definition: its options are inferred from their specs. */
export function defineAdapter<S extends OptionSpecs>(definition: AdapterDefinition<S>): AdapterDefinition<S> {
  return definition
}
