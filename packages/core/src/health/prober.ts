import { sleep, type Clock } from '../clock.js'
import { RollcallError, messageOf } from '../errors.js'
import { fraction, type Random } from '../random.js'
import type { Endpoint } from '../selection/endpoint.js'
import { isMissing } from '../selection/fitness.js'
import { attempt } from '../supervise/attempt.js'
import { Gate } from '../gate.js'
import { Verdict } from '../supervise/verdict.js'
import type { Check } from './check.js'
import type { ProbePlan } from './probe-plan.js'

/** Whose endpoints are probed, and who is told. */
export interface Probed {
  /** All that the view is about, whatever their status. */
  endpoints(): readonly Endpoint[]
  /**
   * A verdict has changed; or an endpoint that is ejected or missing has passed. `reason` says why it is failing, and is missing
   * when it is not.
   */
  settleProbe(endpoint: Endpoint, verdict: 'passing' | 'failing', reason: string | undefined): void
  /** When somebody last picked or called, by the clock's `now`; -Infinity before the first time. */
  lastCallAt(): number
}

export interface ProberTools {
  readonly probed: Probed
  readonly clock: Clock
  readonly random: Random
  readonly plan: ProbePlan
}

/** One endpoint under watch. */
interface Target {
  readonly endpoint: Endpoint
  readonly scheme: string
  readonly check: Check
  readonly verdict: Verdict
  readonly over: AbortController
}

/**
 * Keeps probing the endpoints of one view, each by a clock of its own: the first time at random within an interval, so
 * that neither a start nor a set that changed as a whole makes all probes fall together, then an interval after the
 * last one ended. `down` ones are left alone: they take no calls, whatever a probe says.
 */
export class Prober {
  readonly #tools: ProberTools
  readonly #gate: Gate
  readonly #targets = new Map<Endpoint, Target>()
  #closed = false

  constructor(tools: ProberTools) {
    this.#tools = tools
    this.#gate = new Gate(tools.plan.atOnce)
    this.update()
  }

  /** To be called when the endpoints have changed: who is new is probed from now on, who has left no more. */
  update(): void {
    if (this.#closed) return
    const wanted = new Set(
      this.#tools.probed.endpoints().filter(({ instance }) => instance.status !== 'down'),
    )
    for (const target of [...this.#targets.values()]) {
      const { endpoint, scheme } = target
      if (!wanted.has(endpoint) || endpoint.instance.scheme !== scheme) this.#stop(target)
    }
    for (const endpoint of wanted) if (!this.#targets.has(endpoint)) this.#start(endpoint)
  }

  /** Ends all probes and their connections at once. */
  close(): void {
    this.#closed = true
    for (const target of [...this.#targets.values()]) this.#stop(target)
  }

  #start(endpoint: Endpoint): void {
    const { plan } = this.#tools
    const { instance } = endpoint
    const target = {
      endpoint,
      scheme: instance.scheme,
      check: plan.makeCheck(instance),
      verdict: new Verdict(plan, endpoint.probed),
      over: new AbortController(),
    }
    this.#targets.set(endpoint, target)
    void this.#keepProbing(target)
  }

  #stop(target: Target): void {
    this.#targets.delete(target.endpoint)
    target.over.abort(new RollcallError('CLOSED', `${target.endpoint.instance.id} is probed no more`))
    target.check.close?.()
  }

  async #keepProbing(target: Target): Promise<void> {
    const { clock, random, plan } = this.#tools
    const { signal } = target.over
    try {
      await sleep(clock, plan.intervalMs * fraction(random), signal)
      for (;;) {
        await this.#gate.pass(() => this.#probe(target))
        await this.#rest(target)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #probe(target: Target): Promise<void> {
    const { endpoint, verdict, over } = target
    // It may have left while it waited for its turn.
    over.signal.throwIfAborted()
    const failure = await this.#failureOf(target)
    over.signal.throwIfAborted()
    const isNew = verdict.take(failure === undefined)
    const { state } = verdict
    const isDoubted = endpoint.ejectedFor !== undefined || isMissing(endpoint)
    const isBack = state === 'passing' && failure === undefined && isDoubted
    if ((isNew || isBack) && state !== 'unknown') this.#tools.probed.settleProbe(endpoint, state, failure)
  }

  /** Why the check failed; undefined if it passed. */
  #failureOf({ endpoint, check, over }: Target): Promise<string | undefined> {
    const { clock, plan } = this.#tools
    const { instance } = endpoint
    const limits = { clock, limitMs: plan.timeoutMs, signal: over.signal, what: 'the probe' }
    return attempt(limits, (signal) => check.run(instance, signal)).then(() => undefined, messageOf)
  }

  /**
   * The time between two probes. The long one of a view that nobody calls is slept in short parts, so that the first
   * call ends it soon, and at another moment for each endpoint. A doubt is cleared up first, call or no call.
   */
  async #rest({ verdict, over: { signal } }: Target): Promise<void> {
    const { clock, random, plan } = this.#tools
    const stretch = 1 + plan.jitter * fraction(random)
    if (verdict.isInDoubt) return sleep(clock, plan.edgeMs * stretch, signal)
    let leftMs = plan.noTrafficMs * stretch
    do {
      const partMs = Math.min(leftMs, plan.intervalMs * stretch)
      await sleep(clock, partMs, signal)
      leftMs -= partMs
    } while (leftMs > 0 && this.#isQuiet())
  }

  #isQuiet(): boolean {
    const { clock, plan, probed } = this.#tools
    return clock.now() - probed.lastCallAt() >= plan.noTrafficMs
  }
}
