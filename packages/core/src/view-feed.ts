import type { ServiceWatch } from './discovery/service-watch.js'
import type { Snapshot } from './discovery/snapshot.js'
import { notReady, viewClosed } from './view-errors.js'
import type { ViewTools } from './view-tools.js'

/** Brings a service's snapshots to its view. The watch begins with the first who asks for anything. */
export class ViewFeed {
  readonly #tools: ViewTools
  readonly #onSnapshot: (snapshot: Snapshot) => void
  #watch: ServiceWatch | undefined
  #stopWatching = (): void => {}
  #version = 0
  #closed = false

  /** @param onSnapshot hears of each that has another set than the one before */
  constructor(tools: ViewTools, onSnapshot: (snapshot: Snapshot) => void) {
    this.#tools = tools
    this.#onSnapshot = onSnapshot
  }

  /** There was a snapshot, and the view is open. */
  get isReady(): boolean {
    return this.#version > 0
  }

  get snapshot(): Snapshot | undefined {
    return this.started().latest.value
  }

  /** How long ago the store last confirmed the snapshot. */
  get ageMs(): number | undefined {
    const { snapshot } = this
    return snapshot && Math.max(0, this.#tools.supervision.clock.wall() - snapshot.confirmedAt)
  }

  /** Why the store can't be asked, if it can't. */
  get failure(): Error | undefined {
    return this.#watch?.failure
  }

  /** The watch, begun by now. Throws CLOSED unless it had begun before the view was closed. */
  started(): ServiceWatch {
    if (this.#watch) return this.#watch
    this.mustBeOpen()
    this.#watch = this.#tools.watch()
    this.#stopWatching = this.#watch.latest.onChange(() => this.#update())
    this.#update()
    return this.#watch
  }

  /** Throws NOT_READY and CLOSED. */
  mustBeReady(): void {
    if (this.isReady) return
    this.mustBeOpen()
    const { failure } = this.started()
    if (!this.isReady) throw notReady(this.#tools, failure)
  }

  mustBeOpen(): void {
    if (this.#closed) throw viewClosed(this.#tools)
  }

  close(): void {
    this.#closed = true
    this.#version = 0
    this.#stopWatching()
  }

  #update(): void {
    const snapshot = this.#watch?.latest.value
    if (!snapshot || this.#closed || snapshot.version === this.#version) return
    this.#version = snapshot.version
    this.#onSnapshot(snapshot)
  }
}
