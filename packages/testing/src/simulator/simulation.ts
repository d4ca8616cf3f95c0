import type { CallOptions, ServiceOptions } from '@rollcall/core'
import type { Fault } from './fault.js'
import type { Keys } from './keys.js'
import type { Latency } from './latency.js'

/** A server, or `count` alike. */
export interface ServerSpec {
  /** `s1`, `s2` … by default. With a `count` a number is put behind it: `big-1`, `big-2` … */
  readonly id?: string
  /** 1 by default. */
  readonly count?: number
  /** How long it works on a call. */
  readonly latency: Latency
  /** How many calls it works on at once; the others queue. As many as come by default. */
  readonly workers?: number
  /** 1 by default. */
  readonly weight?: number
  readonly zone?: string
  readonly version?: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
  /** When it is first listed, in milliseconds from the start; 0 by default. */
  readonly joinsAtMs?: number
  /** When it says that it is leaving; it answers what still comes. Never by default. */
  readonly leavesAtMs?: number
}

/** A process that calls, or `count` alike. Each learns for itself. */
export interface CallerSpec {
  /** 1 by default. */
  readonly count?: number
  readonly zone?: string
}

/** One caller, for options that depend on it. */
export interface Caller {
  /** From 0. */
  readonly index: number
  /** How many callers there are. */
  readonly count: number
  readonly zone: string | undefined
}

/** What a simulated server answers. */
export interface Answer {
  readonly status: 200 | 503
  readonly server: string
}

/** What is simulated. Times are in milliseconds. */
export interface Simulation {
  readonly servers: readonly ServerSpec[]
  /** How many processes call, or who; 1 by default. */
  readonly callers?: number | readonly CallerSpec[]
  /** Calls per second, of all callers together. They come whether or not earlier ones have ended. */
  readonly rate: number
  /** `poisson` (the default): at random, as from many users. `steady`: at even distances. */
  readonly arrivals?: 'poisson' | 'steady'
  /** For how long calls are made. Those that are open then are waited for. */
  readonly durationMs: number
  /** Calls made before this time are made and not counted; 0 by default. */
  readonly warmUpMs?: number
  /** Any whole number: the same gives the same, another other calls. 1 by default. */
  readonly seed?: number
  /** Options of `registry.service`, the same for all callers or by caller. */
  readonly service?: ServiceOptions | ((caller: Caller) => ServiceOptions)
  /** Options of `call`. */
  readonly call?: CallOptions<Answer, unknown>
  /** What each call's `key` is; without it calls have none. */
  readonly keys?: Keys
  readonly faults?: readonly Fault[]
  /** How much longer a call takes from one zone to another; 0 by default. */
  readonly crossZoneMs?: number
  /** The width of the timeline's buckets; a fortieth of the duration by default. */
  readonly bucketMs?: number
}

/** Milliseconds from a call to its end, all attempts and pauses included; 0 where there are none. By nearest rank. */
export interface Latencies {
  readonly meanMs: number
  readonly p50Ms: number
  readonly p75Ms: number
  readonly p90Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

export interface ServerResult {
  readonly id: string
  /** Attempts that it was asked for, retries and hedges included. */
  readonly attempts: number
  /** Its part of all attempts. */
  readonly share: number
  /** Attempts that it answered with status 200. */
  readonly ok: number
  /** The most attempts that were at it at once, queue included. */
  readonly maxInFlight: number
}

/** What happened to the calls made, and to the attempts that reached servers, in one stretch of time. */
export interface Bucket {
  readonly atMs: number
  readonly made: number
  readonly failed: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Attempts that left the caller's zone. */
  readonly crossZone: number
  /** By server. */
  readonly attempts: Readonly<Record<string, number>>
}

/** How a caller's selection changed. */
export interface SelectionChange {
  readonly atMs: number
  readonly caller: number
  readonly type: 'ejected' | 'returned'
  readonly server: string
}

/** Where keys went, by the first attempts of their calls. */
export interface KeysResult {
  /** Different keys that were called with. */
  readonly seen: number
  /** Those that did not stay with one server. */
  readonly moved: number
  /** Those that once left a server that was listed and well. */
  readonly movedNeedlessly: number
}

/** Plain data: `JSON.stringify` of two runs with one seed is the same, byte for byte. */
export interface SimulationResult {
  readonly seed: number
  /** Calls, without those of the warm-up. */
  readonly made: number
  /** Calls that rejected, or resolved with a status of 500 or more. */
  readonly failed: number
  /** Of those that failed: how many by the error's code, or by `status 503`. */
  readonly failures: Readonly<Record<string, number>>
  /** What servers were asked for in all: attempts / made is the load that retries and hedges make. */
  readonly attempts: number
  /** The part of the attempts that left the caller's zone. */
  readonly crossZoneShare: number
  readonly latency: Latencies
  readonly servers: readonly ServerResult[]
  readonly keys: KeysResult
  readonly timeline: readonly Bucket[]
  readonly changes: readonly SelectionChange[]
}
