import type { Adapter, Clock } from '@rollcall/core/adapter'

/** What the conformance suite needs to know of an adapter and its store. What is left out is skipped, and said so. */
export interface Harness {
  /**
   * A fresh adapter, each time on the same store; the suite closes it.
   * @param ttlMs the TTL that the suite will register with: an adapter's `context.ttlMs`
   */
  open(ttlMs: number): Adapter | Promise<Adapter>
  /** The TTL where a check waits for its end: 1000 by default; a store that grants no such short one grants more. */
  readonly ttlMs?: number
  /** How soon a change must be seen by another adapter's watch: 5000 by default. */
  readonly seenWithinMs?: number
  /** How long one verb may take: 5000 by default. */
  readonly verbMs?: number
  /** The runner's limit for one check, where the runner can be told: 60 000 by default. */
  readonly checkMs?: number
  /**
   * Called before each check that waits for the end of a lease, for a store that sometimes tells of such ends later than
   * it should: resolves once it tells of them in time.
   */
  expiryShows?(): unknown
  /** Writes a record that the adapter can't read next to the service's instances, as somebody else might. */
  writeGarbage?(service: string, key: string): unknown
  /** Faults of the store. */
  readonly outage?: Outage
  /**
   * For a store that lives under a manual clock, which the suite then moves: with it the checks need no real time.
   * Only for adapters that wait for nothing but that clock.
   */
  readonly clock?: Clock & { advance(ms: number): Promise<void> }
}

/** How to break the store, and how to mend it. */
export interface Outage {
  /** The store hears and answers nothing, but its connections stay open: SIGSTOP. */
  readonly freeze?: { begin(): unknown; end(): unknown }
  /** Connections to the store break and none can be made. */
  readonly cutOff?: { begin(): unknown; end(): unknown }
  /** Kills the store and starts it again, with what it knew or without. */
  restart?(data: 'kept' | 'lost'): unknown
  /** What a restart can do; both by default. */
  readonly restartData?: readonly ('kept' | 'lost')[]
}
