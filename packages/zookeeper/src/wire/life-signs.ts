import type { Clock } from '@rollcall/core/adapter'

export interface LifeSignsActions {
  ping(): void
  /** Nothing was heard for too long. */
  giveUp(silentMs: number): void
}

/**
 * Watches over one connection, with one timer for both duties. A ping leaves when nothing was sent for a third of the
 * session timeout. When nothing was heard for two thirds the server is taken for dead, but only if something waited for
 * its answer for a third: after a stall of our own process its answers are still unread, or it was never asked.
 */
export class LifeSigns {
  readonly #clock: Clock
  readonly #thirdMs: number
  readonly #actions: LifeSignsActions
  #heardAt: number
  #sentAt: number
  /** When the first of what waits for an answer was sent, counted anew from every sign of life. */
  #waitingSince: number | undefined
  #cancel: () => void = () => {}

  constructor(clock: Clock, timeoutMs: number, actions: LifeSignsActions) {
    this.#clock = clock
    this.#thirdMs = timeoutMs / 3
    this.#actions = actions
    this.#heardAt = this.#sentAt = clock.now()
  }

  /** By our own clock. */
  get heardAt(): number {
    return this.#heardAt
  }

  start(): void {
    this.#look()
  }

  stop(): void {
    this.#cancel()
  }

  sent(): void {
    this.#sentAt = this.#clock.now()
    this.#waitingSince ??= this.#sentAt
  }

  heard(isWaitingForMore: boolean): void {
    this.#heardAt = this.#clock.now()
    this.#waitingSince = isWaitingForMore ? this.#heardAt : undefined
  }

  #look(hasRead = false): void {
    const now = this.#clock.now()
    const third = this.#thirdMs
    const deadAt = Math.max(this.#heardAt + 2 * third, (this.#waitingSince ?? now) + third)
    if (now >= deadAt)
      return hasRead ? this.#actions.giveUp(Math.round(now - this.#heardAt)) : this.#lookAgain()
    if (now >= this.#sentAt + third) this.#actions.ping()
    const next = Math.min(this.#sentAt + third, deadAt)
    this.#cancel = this.#clock.after(Math.max(1, next - now), () => this.#look())
  }

  // After a stall of our own, timers run before what has come in meanwhile; an immediate runs behind it.
  #lookAgain(): void {
    const immediate = setImmediate(() => this.#look(true))
    this.#cancel = () => clearImmediate(immediate)
  }
}
