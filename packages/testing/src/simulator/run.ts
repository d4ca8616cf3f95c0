import { fraction, withFields, type Instance, type Random } from '@rollcall/core/adapter'
import { ManualClock } from '../manual-clock.js'
import { ScriptedAdapter } from '../scripted-adapter.js'
import { below, chance } from './chance.js'
import { service, type ServerPlan, type SimulationPlan } from './plan.js'
import { SimulatedCaller, type World } from './simulated-caller.js'
import { SimulatedServer } from './simulated-server.js'
import type { Answer, SimulationResult } from './simulation.js'
import { Tally } from './tally.js'

/** Between saying that it leaves and being off the list: callers see both, as `announcement.leave()` has it. */
const drainMs = 250

/** Time for a registry to close. */
const closeMs = 5_000

/** One run of a plan: to be used once. */
export class Run {
  readonly #plan: SimulationPlan
  readonly #clock = new ManualClock()
  readonly #adapter = new ScriptedAdapter({ name: 'simulated', quietMs: 86_400_000 })
  readonly #servers: readonly SimulatedServer[]
  readonly #byId: ReadonlyMap<string, SimulatedServer>
  readonly #callers: SimulatedCaller[] = []
  readonly #tally: Tally
  readonly #arrivals: Random
  readonly #whose: Random
  readonly #keys: Random
  #made = 0
  #open = 0
  /** What a mistake of the user's made a call reject with. */
  #mistake: unknown

  constructor(plan: SimulationPlan) {
    const { seed } = plan
    this.#plan = plan
    this.#tally = new Tally(plan)
    this.#arrivals = chance(seed, 'arrivals')
    this.#whose = chance(seed, 'callers')
    this.#keys = chance(seed, 'keys')
    this.#servers = plan.servers.map((server) => {
      return new SimulatedServer(server, this.#clock, chance(seed, `server ${server.instance.id}`))
    })
    this.#byId = new Map(this.#servers.map((server) => [server.plan.instance.id, server]))
  }

  async result(): Promise<SimulationResult> {
    this.#list()
    this.#schedule()
    await this.#start()
    this.#awaitNext()
    await this.#clock.advance(this.#plan.durationMs)
    while (this.#open > 0) await this.#clock.advance(this.#untilNext())
    if (this.#mistake !== undefined) throw this.#mistake as Error
    return this.#tally.result(this.#servers)
  }

  async close(): Promise<void> {
    const closing = Promise.all(this.#callers.map((caller) => caller.close()))
    await this.#clock.advance(closeMs)
    await closing
  }

  async #start(): Promise<void> {
    const { callers, seed, serviceOf } = this.#plan
    const world: World = {
      adapter: this.#adapter,
      clock: this.#clock,
      onChange: (change) => this.#tally.changed(change),
    }
    for (const who of callers) {
      const random = chance(seed, `caller ${who.index}`)
      this.#callers.push(await SimulatedCaller.start(who, world, random, serviceOf(who)))
    }
    const ready = Promise.all(this.#callers.map((caller) => caller.ready()))
    await this.#clock.settle()
    await ready
  }

  /** A call has a deadline, and so ends by itself; only one whose `fn` waits for something real would not. */
  #untilNext(): number {
    const inMs = this.#clock.nextInMs
    if (inMs === undefined)
      throw new Error(`${this.#open} calls are open and nothing is due that could end them`)
    return inMs
  }

  /** What happens by the plan, whatever the calls do. */
  #schedule(): void {
    const changes = this.#servers.flatMap(({ plan: { joinsAtMs, leavesAtMs } }) => {
      return [joinsAtMs, leavesAtMs, leavesAtMs + drainMs].filter(
        (at) => at > 0 && at <= this.#plan.durationMs,
      )
    })
    for (const at of new Set(changes)) this.#clock.after(at, () => this.#list())
    for (const { server, from, until, ailment } of this.#plan.ailments) {
      const target = this.#byId.get(server)!
      this.#clock.after(from, () => target.suffer(ailment))
      this.#clock.after(until, () => target.recover(ailment))
    }
  }

  #list(): void {
    const now = this.#clock.now()
    const listed = this.#servers.flatMap(({ plan }) => listingOf(plan, now) ?? [])
    this.#adapter.list(service, listed)
  }

  #awaitNext(): void {
    const { ratePerMs, isSteady, durationMs } = this.#plan
    const gapMs = isSteady ? 1 / ratePerMs : -Math.log(1 - fraction(this.#arrivals)) / ratePerMs
    if (this.#clock.now() + gapMs >= durationMs || this.#mistake !== undefined) return
    this.#clock.after(Math.round(gapMs * 1000) / 1000, () => {
      this.#call()
      this.#awaitNext()
    })
  }

  #call(): void {
    const { isSteady, call, drawKey } = this.#plan
    const { length } = this.#callers
    const caller = this.#callers[isSteady ? this.#made % length : below(this.#whose, length)]!
    this.#made++
    this.#open++
    const key = drawKey?.(this.#keys)
    const options = key === undefined ? call : { ...call, key }
    const at = this.#clock.now()
    const end = (failure?: string): void => {
      this.#open--
      this.#tally.ended(at, this.#clock.now() - at, failure)
    }
    caller
      .call(options, (instance, signal, attempt) => {
        const server = this.#byId.get(instance.id)!
        if (key !== undefined && attempt === 1) this.#tally.keyed(at, key, server)
        return this.#ask(server, caller.who.zone, at, signal)
      })
      .then(
        (answer) => end(failureOf(answer)),
        (error: unknown) => {
          this.#notice(error)
          end(codeOf(error) ?? 'mistake')
        },
      )
  }

  #notice(error: unknown): void {
    if (isMistake(error)) this.#mistake ??= error
  }

  /** An attempt, as a well-made client has it: it rejects when its signal is aborted, whatever the server does. */
  #ask(
    server: SimulatedServer,
    zone: string | undefined,
    calledAt: number,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { crossZoneMs } = this.#plan
    const isCrossZone = zone !== undefined && zone !== server.plan.instance.zone
    this.#tally.asked(calledAt, this.#clock.now(), server, isCrossZone)
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      const refuse = (error: Error): void => {
        this.#notice(error)
        reject(error)
      }
      const handle = (): void => void server.handle(this.#tally.counts(calledAt)).then(resolve, refuse)
      if (isCrossZone && crossZoneMs > 0) this.#clock.after(crossZoneMs, handle)
      else handle()
    })
  }
}

/** What no server can be blamed for: options that can't be, and errors that are nobody's answer. */
function isMistake(error: unknown): boolean {
  const code = codeOf(error)
  return code === undefined || ['BAD_BALANCER', 'BAD_OPTION', 'UNKNOWN_OPTION'].includes(code)
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** How the store lists it at a time, if at all. */
function listingOf({ instance, joinsAtMs, leavesAtMs }: ServerPlan, now: number): Instance | undefined {
  if (now < joinsAtMs || now >= leavesAtMs + drainMs) return undefined
  return now >= leavesAtMs ? withFields(instance, { status: 'draining' }) : instance
}

/** Broadcast answers with many, a fallback with anything: only what says that it is a failure is one. */
function failureOf(answer: unknown): string | undefined {
  const status = (answer as Partial<Answer> | null | undefined)?.status
  return typeof status === 'number' && status >= 500 ? `status ${status}` : undefined
}
