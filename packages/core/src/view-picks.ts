import type { Clock } from './clock.js'
import type { CallEvent } from './failover/call-events.js'
import type { CallSource } from './failover/call-source.js'
import type { Instance } from './instance.js'
import type { Random } from './random.js'
import type { Endpoint } from './selection/endpoint.js'
import type { PickExplanation } from './selection/explanation.js'
import type { Wish } from './selection/finder.js'
import type { Pick } from './selection/pick.js'
import type { NoPick } from './selection/selection.js'
import type { Selector } from './selection/selector.js'
import { noPick, noRoom } from './view-errors.js'
import type { ViewFeed } from './view-feed.js'
import type { ViewTools } from './view-tools.js'

/** A view's picks, for its user as for its calls: those of its selector, and an error where there is none. */
export class ViewPicks implements CallSource {
  readonly service: string
  readonly clock: Clock
  readonly random: Random
  readonly #tools: ViewTools
  readonly #feed: ViewFeed
  readonly #selector: Selector

  constructor(tools: ViewTools, feed: ViewFeed, selector: Selector) {
    this.service = tools.service
    this.clock = tools.supervision.clock
    this.random = tools.supervision.random
    this.#tools = tools
    this.#feed = feed
    this.#selector = selector
  }

  async ready(signal: AbortSignal): Promise<void> {
    await this.#feed.started().ready(signal)
  }

  whyNotReady(): string | undefined {
    return this.#feed.failure?.message
  }

  /** For when nobody was picked, maybe only because nobody asked for this service before: then its watch begins now. */
  pickAfterAll(key: string | undefined): Instance {
    if (this.#feed.isReady) return this.#none(this.#selector.whyNoPick())
    this.#feed.mustBeReady()
    return this.#selector.pick(key) ?? this.#none(this.#selector.whyNoPick())
  }

  acquire(wish?: Wish): Pick {
    this.#feed.mustBeReady()
    const pick = this.#selector.acquire(wish)
    return typeof pick === 'string' ? this.#none(pick) : pick
  }

  acquireAt(endpoint: Endpoint): Pick {
    this.#feed.mustBeOpen()
    const pick = this.#selector.acquireAt(endpoint)
    if (typeof pick === 'string') throw noRoom(endpoint.instance.id, this.#selector)
    return pick
  }

  explain(key: string | undefined): PickExplanation {
    this.#feed.mustBeReady()
    return this.#selector.explainPick(key) ?? this.#none(this.#selector.whyNoPick())
  }

  endpoints(): readonly Endpoint[] {
    this.#feed.mustBeReady()
    return this.#selector.members
  }

  candidates(): readonly Endpoint[] {
    this.#feed.mustBeReady()
    const candidates = this.#selector.candidates()
    return candidates.length > 0 ? candidates : this.#none('nobody')
  }

  pause(endpoint: Endpoint, ms: number): void {
    this.#selector.pause(endpoint, ms)
  }

  report({ type, ...details }: CallEvent): void {
    this.#tools.events.emit(type, { service: this.service, ...details })
  }

  #none(why: NoPick): never {
    const { snapshot, ageMs } = this.#feed
    throw noPick(this.#tools, why, this.#selector, snapshot, ageMs)
  }
}
