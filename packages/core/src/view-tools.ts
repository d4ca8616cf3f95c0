import type { ServiceWatch } from './discovery/service-watch.js'
import type { Events } from './events.js'
import type { Supervision } from './supervise/keep-trying.js'

/** What a registry lends its views. */
export interface ViewTools {
  readonly service: string
  readonly url: string
  readonly supervision: Supervision
  readonly events: Events
  /** The watch that feeds this view, started if need be. Throws CLOSED. */
  watch(): ServiceWatch
  onClose(): void
}
