import type { Instance, ServiceView } from '@rollcall/core'
import { Latencies } from './latencies.js'

/** What the caller saw of one instance. */
export interface Seen {
  calls: number
  failures: number
  readonly latencies: Latencies
}

export interface CallerOptions {
  readonly perSecond: number
  readonly attemptTimeoutMs: number
}

/** Calls the service at a steady rate, whatever happens to it. Every call is idempotent. */
export class Caller {
  made = 0
  readonly failed: unknown[] = []
  /** Calls that needed more than one attempt. */
  rescued = 0
  readonly #view: ServiceView
  readonly #options: CallerOptions
  readonly #seen = new Map<string, Seen>()
  readonly #underWay = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(view: ServiceView, options: CallerOptions) {
    this.#view = view
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      const call = this.#call().finally(() => this.#underWay.delete(call))
      this.#underWay.add(call)
    }, 1000 / this.#options.perSecond)
  }

  /** Stops, and waits for the calls under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#underWay)
  }

  seen(id: string): Seen {
    const seen = this.#seen.get(id) ?? { calls: 0, failures: 0, latencies: new Latencies() }
    this.#seen.set(id, seen)
    return seen
  }

  async #call(): Promise<void> {
    const order = this.made++
    let attempts = 0
    const { attemptTimeoutMs } = this.#options
    try {
      await this.#view.call(
        (instance, { signal }) => {
          attempts++
          return this.#attempt(instance, order, signal)
        },
        { idempotent: true, attemptTimeoutMs },
      )
      if (attempts > 1) this.rescued++
    } catch (error) {
      this.failed.push(error)
    }
  }

  async #attempt({ id, url }: Instance, order: number, signal: AbortSignal): Promise<void> {
    const seen = this.seen(id)
    const start = performance.now()
    seen.calls++
    try {
      const response = await fetch(new URL(`/${order}`, url), { signal })
      await response.json()
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      seen.latencies.add(performance.now() - start)
    } catch (error) {
      seen.failures++
      throw error
    }
  }
}
