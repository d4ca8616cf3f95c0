import { sleep, type Clock } from '../clock.js'
import type { Instance } from '../instance.js'
import { Gate } from '../gate.js'
import { Guard } from './guard.js'
import type { Probe } from './tcp-probe.js'

export interface HoldingTools {
  readonly clock: Clock
  readonly probe: Probe
  readonly holdMs: number
  readonly signal: AbortSignal
  onHeld(instances: readonly Instance[]): void
  onReleased(instance: Instance, reason: 'unreachable' | 'expired'): void
}

const probeEveryMs = 2_000

// A mass of probes must not use up the process's file descriptors: a probe that got none would be taken for an answer.
const probesAtOnce = 64

/** Lets the guard hold instances, and lets each go when its time is up or nothing answers at its address. */
export class Holding {
  readonly #tools: HoldingTools
  readonly #guard: Guard
  readonly #gate = new Gate(probesAtOnce)
  #watching = false

  constructor(tools: HoldingTools) {
    this.#tools = tools
    this.#guard = new Guard(tools.holdMs)
  }

  get held(): readonly Instance[] {
    return this.#guard.held
  }

  admit(listed: readonly Instance[]): void {
    const nowHeld = this.#guard.admit(listed, this.#tools.clock.now())
    if (nowHeld.length > 0) this.#tools.onHeld(nowHeld)
    if (!this.#watching) void this.#watch()
  }

  clear(): void {
    for (const { id } of this.#guard.held) this.#guard.release(id)
  }

  async #watch(): Promise<void> {
    const { clock, signal, onReleased } = this.#tools
    this.#watching = true
    while (this.#guard.nextExpiry !== undefined && !signal.aborted) {
      await Promise.all(this.#guard.held.map((instance) => this.#probe(instance)))
      const untilExpiry = (this.#guard.nextExpiry ?? 0) - clock.now()
      await sleep(clock, Math.max(0, Math.min(probeEveryMs, untilExpiry)), signal).catch(() => {})
      for (const instance of this.#guard.expire(clock.now())) onReleased(instance, 'expired')
    }
    this.#watching = false
  }

  async #probe(instance: Instance): Promise<void> {
    const { probe, signal, onReleased } = this.#tools
    // An address that can't even be tried answers nobody.
    const answers = await this.#gate.pass(() => probe(instance, signal)).catch(() => false)
    if (answers || signal.aborted) return
    if (this.#guard.release(instance.id)) onReleased(instance, 'unreachable')
  }
}
