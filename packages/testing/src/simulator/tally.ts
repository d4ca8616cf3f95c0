import { latenciesOf, rounded } from './latencies.js'
import type { SimulationPlan } from './plan.js'
import type { SimulatedServer } from './simulated-server.js'
import type { Bucket, KeysResult, SelectionChange, SimulationResult } from './simulation.js'

interface OpenBucket {
  made: number
  failed: number
  crossZone: number
  readonly tookMs: number[]
  readonly attempts: Map<string, number>
}

interface KeyState {
  server: SimulatedServer
  moved: boolean
  movedNeedlessly: boolean
}

/** Takes down what happens in a simulation. Calls made during the warm-up leave no trace here. */
export class Tally {
  readonly #plan: SimulationPlan
  readonly #buckets: OpenBucket[] = []
  readonly #tookMs: number[] = []
  readonly #failures = new Map<string, number>()
  readonly #keys = new Map<string, KeyState>()
  readonly #changes: SelectionChange[] = []
  #made = 0
  #crossZone = 0

  constructor(plan: SimulationPlan) {
    this.#plan = plan
  }

  /** Whether what begins at this time counts. */
  counts(atMs: number): boolean {
    return atMs >= this.#plan.warmUpMs
  }

  /** A call made at a time ended after so long; `failure` says how, if badly. */
  ended(atMs: number, tookMs: number, failure?: string): void {
    if (!this.counts(atMs)) return
    const bucket = this.#bucketAt(atMs)
    this.#made++
    bucket.made++
    this.#tookMs.push(tookMs)
    bucket.tookMs.push(tookMs)
    if (failure === undefined) return
    bucket.failed++
    this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1)
  }

  /** A call made at `calledAt` asks a server now. */
  asked(calledAt: number, atMs: number, { plan }: SimulatedServer, isCrossZone: boolean): void {
    if (!this.counts(calledAt)) return
    const bucket = this.#bucketAt(atMs)
    const { id } = plan.instance
    bucket.attempts.set(id, (bucket.attempts.get(id) ?? 0) + 1)
    if (!isCrossZone) return
    bucket.crossZone++
    this.#crossZone++
  }

  /** The first attempt of a call with this key went there. */
  keyed(atMs: number, key: string, server: SimulatedServer): void {
    if (!this.counts(atMs)) return
    const state = this.#keys.get(key)
    if (!state) return void this.#keys.set(key, { server, moved: false, movedNeedlessly: false })
    if (state.server === server) return
    state.moved = true
    if (state.server.isWell && atMs < state.server.plan.leavesAtMs) state.movedNeedlessly = true
    state.server = server
  }

  changed(change: SelectionChange): void {
    this.#changes.push(change)
  }

  result(servers: readonly SimulatedServer[]): SimulationResult {
    const attempts = servers.reduce((sum, { asked }) => sum + asked, 0)
    const shareOf = (part: number): number => (attempts === 0 ? 0 : rounded(part / attempts, 5))
    return {
      seed: this.#plan.seed,
      made: this.#made,
      failed: [...this.#failures.values()].reduce((sum, count) => sum + count, 0),
      failures: Object.fromEntries([...this.#failures].sort(([a], [b]) => (a < b ? -1 : 1))),
      attempts,
      crossZoneShare: shareOf(this.#crossZone),
      latency: latenciesOf(this.#tookMs),
      servers: servers.map(({ plan, asked, answered, maxInFlight }) => ({
        id: plan.instance.id,
        attempts: asked,
        share: shareOf(asked),
        ok: answered,
        maxInFlight,
      })),
      keys: this.#keysResult(),
      timeline: this.#timeline(servers),
      changes: this.#changes,
    }
  }

  #keysResult(): KeysResult {
    const states = [...this.#keys.values()]
    return {
      seen: states.length,
      moved: states.filter(({ moved }) => moved).length,
      movedNeedlessly: states.filter(({ movedNeedlessly }) => movedNeedlessly).length,
    }
  }

  #timeline(servers: readonly SimulatedServer[]): Bucket[] {
    const { bucketMs } = this.#plan
    return Array.from({ length: this.#lastBucket + 1 }, (_, i) => {
      const bucket = this.#buckets[i] ?? emptyBucket()
      const { made, failed, crossZone } = bucket
      const { p50Ms, p99Ms } = latenciesOf(bucket.tookMs)
      const ids = servers.map(({ plan }) => plan.instance.id)
      const attempts = Object.fromEntries(ids.map((id) => [id, bucket.attempts.get(id) ?? 0]))
      return { atMs: rounded(i * bucketMs), made, failed, p50Ms, p99Ms, crossZone, attempts }
    })
  }

  #bucketAt(atMs: number): OpenBucket {
    // What the last calls still ask for when no more are made belongs to them.
    const place = Math.min(Math.floor(atMs / this.#plan.bucketMs), this.#lastBucket)
    return (this.#buckets[place] ??= emptyBucket())
  }

  get #lastBucket(): number {
    const { bucketMs, durationMs } = this.#plan
    return Math.ceil(durationMs / bucketMs) - 1
  }
}

function emptyBucket(): OpenBucket {
  return { made: 0, failed: 0, crossZone: 0, tookMs: [], attempts: new Map() }
}
