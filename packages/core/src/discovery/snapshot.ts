import { newestById } from '../incarnation.js'
import type { Instance } from '../instance.js'
import { difference, isEmpty, type Difference } from './difference.js'

/**
 * `live`: as the store says now. `stale`: the store can't be asked; the last set. `held`: the store dropped so many
 * at once that some are kept for a while.
 */
export type SnapshotState = 'live' | 'stale' | 'held'

/** Our view of a service at one moment: immutable, and open about where it comes from and how old it is. */
export interface Snapshot {
  readonly service: string
  /** Counts the distinct sets seen, from 1. An equal set is no new version. */
  readonly version: number
  /** Sorted by id. Includes those held and those that are `down`. */
  readonly instances: readonly Instance[]
  /** Ids that the store no longer lists and that are candidates all the same, for now. */
  readonly held: ReadonlySet<string>
  readonly state: SnapshotState
  /** Why it is not `live`. */
  readonly reason?: string
  /** The URL of the registry that told us, without secrets, or `disk` for a set saved by an earlier run. */
  readonly source: string
  /** The store's own mark for this set. */
  readonly revision?: string
  /** When the store last confirmed this very set, in milliseconds since 1970. */
  readonly confirmedAt: number
}

/** What a snapshot is made of. */
export interface SnapshotParts {
  readonly listed: readonly Instance[]
  readonly held: readonly Instance[]
  /** Shown by the store, but dead: listed as `down`. */
  readonly lapsed: readonly Instance[]
  readonly failure: string | undefined
  readonly source: string
  readonly revision: string | undefined
  readonly confirmedAt: number
}

export interface NextSnapshot {
  readonly snapshot: Snapshot
  /** Undefined when the set is the same as before. */
  readonly changes: Difference | undefined
}

/** The snapshot that follows `before`; of the same version when the set is the same. */
export function nextSnapshot(
  service: string,
  before: Snapshot | undefined,
  parts: SnapshotParts,
): NextSnapshot {
  const held = new Set(parts.held.map(({ id }) => id))
  const alive = canonical([...parts.listed, ...parts.held])
  const instances = withLapsed(alive, parts.lapsed)
  const found = difference(before?.instances ?? [], instances)
  const same = before !== undefined && isEmpty(found) && sameIds(before.held, held)
  const { source, revision, confirmedAt } = parts
  const snapshot = Object.freeze({
    service,
    version: same ? before.version : (before?.version ?? 0) + 1,
    instances: same ? before.instances : Object.freeze(instances),
    held: same ? before.held : held,
    ...stateOf(parts),
    source,
    ...(revision !== undefined && { revision }),
    confirmedAt,
  })
  return { snapshot, changes: same ? undefined : found }
}

/** The set in a canonical order, one instance an id: of two the newer incarnation. */
export function canonical(instances: readonly Instance[]): Instance[] {
  return [...newestById(instances).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Of two with one id the living one counts, whatever their incarnations. */
function withLapsed(alive: Instance[], lapsed: readonly Instance[]): Instance[] {
  if (lapsed.length === 0) return alive
  const ids = new Set(alive.map(({ id }) => id))
  return canonical([...alive, ...lapsed.filter(({ id }) => !ids.has(id))])
}

function stateOf({ failure, held }: SnapshotParts): { state: SnapshotState; reason?: string } {
  if (failure !== undefined) return { state: 'stale', reason: failure }
  if (held.length === 0) return { state: 'live' }
  return { state: 'held', reason: `the store dropped ${held.length} at once; they are kept for a while` }
}

function sameIds(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id))
}
