import type { Adapter, Lease } from '../contract.js'
import type { Instance } from '../instance.js'
import { attempt } from './attempt.js'
import type { Supervision } from './keep-trying.js'
import { release } from './release.js'

export interface WriterTools {
  readonly adapter: Adapter
  readonly supervision: Supervision
  readonly ttlMs: number
  readonly verbMs: number
}

/** Writes an instance to the store and takes it back, never both at a time. */
export class Writer {
  readonly #tools: WriterTools
  // A write outlives the wish for it: cut off, it could land after the release that should undo it.
  readonly #cutOff = new AbortController()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(tools: WriterTools) {
    this.#tools = tools
  }

  /** One attempt. */
  write(instance: Instance): Promise<Lease> {
    const { adapter, supervision, ttlMs, verbMs } = this.#tools
    const what = `${adapter.name}: registering ${instance.id}`
    const limits = { clock: supervision.clock, limitMs: verbMs, signal: this.#cutOff.signal, what }
    const writing = attempt(limits, (signal) => adapter.register!(instance, ttlMs, signal))
    this.#writing = writing.catch(() => {})
    return writing
  }

  /** Tried until it succeeds or is cut off. Resolves to whether it did. */
  async release(instance: Instance): Promise<boolean> {
    // A write under way may land after a release; a release waits for it.
    await this.#writing
    return release(instance, this.#tools, this.#cutOff.signal)
  }

  /** Ends whatever is under way, and whatever would follow. */
  cutOff(reason: unknown): void {
    this.#cutOff.abort(reason)
  }

  /** The same, once the signal is aborted. */
  cutOffBy(signal: AbortSignal): void {
    const cutOff = (): void => this.cutOff(signal.reason)
    if (signal.aborted) cutOff()
    else signal.addEventListener('abort', cutOff, { once: true })
  }
}
