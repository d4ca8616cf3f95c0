import { debuglog } from 'node:util'
import type { Clock } from './clock.js'
import type { RollcallError } from './errors.js'

/** Where an announcement stands. */
export type AnnouncementState = 'registering' | 'registered' | 'lost' | 'replaced' | 'left'

/** What each event tells, beside its `type` and `at` (milliseconds since 1970). */
export interface EventDetails {
  /** The store holds the instance; `ttlMs` is what it granted. */
  'announcement.registered': { service: string; id: string; ttlMs: number }
  /** The store granted another TTL than was asked for. */
  'announcement.ttl': { service: string; id: string; askedMs: number; grantedMs: number }
  /** The instance was seen through the watch path, as every caller sees it. */
  'announcement.verified': { service: string; id: string }
  /** The store accepted the instance but does not list it; it is registered again. */
  'announcement.absent': { service: string; id: string }
  /** The registration is gone, or must be taken for gone; it is being made anew. */
  'announcement.lost': { service: string; id: string; error: RollcallError }
  /** A write or a heartbeat failed and is tried again. */
  'announcement.retrying': { service: string; id: string; error: RollcallError; inMs: number }
  /** A newer incarnation holds this id; ours has given way for good. */
  'announcement.replaced': { service: string; id: string }
  /** It was taken back; with `released` false the store could not be told yet, and the TTL ends it at the latest. */
  'announcement.left': { service: string; id: string; released: boolean }
  /** The watch broke; it is opened anew. The last set stays in use, marked stale. */
  'watch.failed': { service: string; error: RollcallError; inMs: number }
  /** The watch listed again after it had broken. */
  'watch.recovered': { service: string }
  /** The set changed. */
  'snapshot.changed': {
    service: string
    version: number
    size: number
    added: number
    removed: number
    updated: number
  }
  /** Instances vanished in a number that smells of a fault; they stay candidates for a while. */
  'snapshot.held': { service: string; ids: readonly string[]; forMs: number }
  /** An instance that was held is let go: its time is up, or nothing answers at its address. */
  'snapshot.released': { service: string; id: string; reason: 'unreachable' | 'expired' }
  /** A record of somebody else's can't be read and was left out. */
  'record.skipped': { service: string; key: string; reason: string }
  'endpoint.ejected': { service: string; id: string; reason: string; forMs: number }
  'endpoint.returned': { service: string; id: string }
  /** The backend works, but not as well as its user may think. */
  'adapter.warning': { message: string }
  /** A saved snapshot could not be read or written. */
  'saved-snapshot.failed': { service: string; error: RollcallError }
  /** A listener or subscriber of the user's threw. */
  'listener.failed': { error: unknown }
}

export type EventType = keyof EventDetails

/** One event, told apart by `type`. */
export type RollcallEvent = {
  [T in EventType]: Readonly<{ type: T; at: number } & EventDetails[T]>
}[EventType]

export type EventOf<T extends EventType | '*'> = T extends EventType
  ? Extract<RollcallEvent, { type: T }>
  : RollcallEvent

const debug = debuglog('rollcall')

/** The one stream of all that happens in a registry. Nothing in the data path reads it. */
export class Events {
  readonly #clock: Clock
  readonly #listeners = new Set<{ type: EventType | '*'; listener: (event: never) => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `listener` for every event of the type, `*` for all. Returns the way to stop. */
  on<T extends EventType | '*'>(type: T, listener: (event: EventOf<T>) => void): () => void {
    const entry = { type, listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  emit<T extends EventType>(type: T, details: EventDetails[T]): void {
    const event = Object.freeze({ type, at: this.#clock.wall(), ...details })
    if (debug.enabled) debug('%s %o', type, details)
    for (const { type: wanted, listener } of [...this.#listeners]) {
      if (wanted === '*' || wanted === type) this.guard(() => listener(event as never), type)
    }
  }

  /** Runs a callback of the user's; what it throws becomes `listener.failed` and breaks nothing. */
  guard(callback: () => unknown, type?: EventType): void {
    const report = (error: unknown): void => {
      // A listener of `listener.failed` that throws must not call itself for ever.
      if (type !== 'listener.failed') this.emit('listener.failed', { error })
    }
    try {
      const result = callback()
      if (result instanceof Promise) result.catch(report)
    } catch (error) {
      report(error)
    }
  }
}
