import type { SkippedRecord } from '../contract.js'
import type { Events } from '../events.js'

/** Reports each unreadable record once, for as long as it stays unreadable for the same reason. */
export class SkippedRecords {
  readonly #events: Events
  readonly #service: string
  #known = new Set<string>()

  constructor(events: Events, service: string) {
    this.#events = events
    this.#service = service
  }

  report(skipped: readonly SkippedRecord[]): void {
    const before = this.#known
    this.#known = new Set(skipped.map(({ key, reason }) => `${key}\n${reason}`))
    for (const { key, reason } of skipped) {
      if (before.has(`${key}\n${reason}`)) continue
      this.#events.emit('record.skipped', { service: this.#service, key, reason })
    }
  }
}
