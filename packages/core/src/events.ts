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
  /** What its own health check says has changed: announced `down` from now on, or as before. */
  'announcement.health': { service: string; id: string; healthy: boolean; reason: string }
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
  /** Taken out for a while: for `failures` in a row, its `success-rate` or `failure-share`, because it `refused`, or as it is `busy`. */
  'endpoint.ejected': { service: string; id: string; reason: string; forMs: number }
  'endpoint.returned': { service: string; id: string }
  /** What probes of it say has changed; `reason` says why it is failing. */
  'endpoint.probed': { service: string; id: string; verdict: 'passing' | 'failing'; reason?: string }
  /** Too few endpoints are beyond suspicion: it is no longer believed, and all are called. */
  'panic.began': { service: string }
  'panic.ended': { service: string }
  /** A failsafe call failed, and its fallback was returned. */
  'call.failsafe': { service: string; error: unknown }
  /** A failback call failed and waits: its repetition number `repeat` comes `inMs` from now. `queued` wait by now. */
  'call.queued': { service: string; error: unknown; repeat: number; inMs: number; queued: number }
  /** A failback call succeeded at its repetition number `repeat`. */
  'call.repeated': { service: string; repeat: number }
  /** A failback call is given up after that many repetitions; `error` is the last. */
  'call.dropped': { service: string; error: unknown; reason: string; repeats: number }
  /** No answer came within `afterMs`: another instance, `id`, was asked as well. */
  'call.hedged': { service: string; id: string; afterMs: number }
  /** A retry or a hedge was not made for want of budget. Told once per second at most; the figures are of the last 10 s. */
  'call.budget': { service: string; calls: number; retries: number }
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
