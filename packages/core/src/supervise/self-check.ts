import type { HealthPlan } from '../announce-health.js'
import { sleep } from '../clock.js'
import { messageOf } from '../errors.js'
import { fraction } from '../random.js'
import { attempt, follower, type Follower } from './attempt.js'
import type { Supervision } from './keep-trying.js'
import { openLagMeter, type LagMeter } from './lag.js'
import { OwnCheck } from './own-check.js'
import { Verdict } from './verdict.js'

export interface SelfCheckTools {
  readonly plan: HealthPlan
  readonly supervision: Supervision
  /** Ends it. */
  readonly signal: AbortSignal
  /** The event loop's own by default. */
  readonly openLagMeter?: () => LagMeter
  /** Called when the verdict changes, with what made it change. */
  onVerdict(healthy: boolean, reason: string): void
}

/**
 * Checks the service that is announced, from within: at once and then at every interval. It runs beside the heartbeat
 * and touches no lease, so that a check that hangs or fails costs no registration. Healthy until found otherwise.
 */
export class SelfCheck {
  readonly #tools: SelfCheckTools
  readonly #verdict: Verdict
  readonly #own = new OwnCheck()
  readonly #lag: LagMeter | undefined
  readonly #over: Follower

  constructor(tools: SelfCheckTools) {
    this.#tools = tools
    this.#verdict = new Verdict(tools.plan, 'passing')
    this.#over = follower(tools.signal)
    this.#lag = tools.plan.maxLagMs === undefined ? undefined : (tools.openLagMeter ?? openLagMeter)()
    void this.#run()
  }

  get healthy(): boolean {
    return this.#verdict.state === 'passing'
  }

  close(): void {
    this.#over.end(undefined)
  }

  async #run(): Promise<void> {
    const { plan, supervision, onVerdict } = this.#tools
    const { clock, random } = supervision
    const { signal } = this.#over
    while (!signal.aborted) {
      const failure = await this.#look()
      if (signal.aborted) break
      if (this.#verdict.take(failure === undefined)) {
        onVerdict(failure === undefined, failure ?? `good ${plan.healthyAfter} times in a row`)
      }
      await sleep(clock, plan.everyMs * (0.8 + 0.2 * fraction(random)), signal).catch(() => {})
    }
    this.#lag?.close()
  }

  /** What is bad; undefined if nothing is. */
  async #look(): Promise<string | undefined> {
    const { plan, supervision } = this.#tools
    const { check, timeoutMs, maxLagMs = Infinity } = plan
    const lagMs = this.#lag?.read() ?? 0
    if (lagMs > maxLagMs) return `the event loop was ${Math.round(lagMs)} ms late`
    if (!check) return undefined
    const limits = {
      clock: supervision.clock,
      limitMs: timeoutMs,
      signal: this.#over.signal,
      what: 'the check',
    }
    return attempt(limits, (signal) => this.#own.run(() => check({ signal }))).then(
      () => undefined,
      messageOf,
    )
  }
}
