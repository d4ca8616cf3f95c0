import type { CallContext, CallOptions, Instance, Registry, ServiceView } from '@rollcall/core'
import { Arrivals } from './arrivals.js'
import type { Contender } from './contender.js'
import { Tally } from './tally.js'

const attemptTimeoutMs = 1000
/** For balancers that keep a customer's calls together. */
const customers = 1000

interface Answer {
  readonly status: number
}

/** What failsafe and failback return instead of an error: no answer, and so counted as a failure. */
const fallback: Answer = { status: 0 }

const keyed: ReadonlySet<string> = new Set(['ring', 'maglev', 'rendezvous', 'sticky'])

/** The calls of one contender, through a view of its own. */
export class Traffic {
  /** Where new calls are counted. */
  tally: Tally = new Tally()
  readonly contender: Contender
  readonly #options: CallOptions<Answer, Answer>
  readonly #view: ServiceView
  readonly #underWay = new Set<Promise<void>>()
  readonly #arrivals: Arrivals

  constructor(registry: Registry, contender: Contender, perSecond: number) {
    this.contender = contender
    this.#options = optionsOf(contender)
    this.#view = registry.service('orders', { balancer: contender.balancer })
    this.#arrivals = new Arrivals(perSecond, (meantAt) => {
      const call = this.#call(meantAt, this.tally).finally(() => this.#underWay.delete(call))
      this.#underWay.add(call)
    })
  }

  /** Stops, and waits for the calls under way. */
  async stop(): Promise<void> {
    this.#arrivals.stop()
    await Promise.all(this.#underWay)
    this.#view.close()
  }

  async #call(meantAt: number, tally: Tally): Promise<void> {
    tally.begin(performance.now() - meantAt)
    let cause: unknown = 'no answer in time'
    const request = async (instance: Instance, { signal }: CallContext): Promise<Answer> => {
      tally.requests++
      try {
        const answer = await get(instance, signal)
        if (answer.status !== 200) cause = `HTTP ${answer.status}`
        return answer
      } catch (error) {
        cause = error
        throw error
      }
    }
    try {
      const { status } = await this.#view.call(request, this.#optionsOfCall())
      tally.end(performance.now() - meantAt, wrongOf(status, cause))
    } catch (error) {
      tally.end(performance.now() - meantAt, error instanceof Error ? error.message : String(error))
    }
  }

  /** Another customer each time, where that matters. */
  #optionsOfCall(): CallOptions<Answer, Answer> {
    if (!keyed.has(this.contender.balancer)) return this.#options
    return { ...this.#options, key: Math.floor(Math.random() * customers) }
  }
}

function optionsOf({ strategy }: Contender): CallOptions<Answer, Answer> {
  const options = { strategy, idempotent: true, attemptTimeoutMs } as const
  return strategy === 'failsafe' || strategy === 'failback' ? { ...options, fallback } : options
}

function wrongOf(status: number, cause: unknown): string | undefined {
  if (status === 200) return undefined
  return status === fallback.status ? `the fallback after ${told(cause)}` : `HTTP ${status}`
}

/** With what fetch hides in the cause. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} (${told(error.cause)})`
}

async function get({ url }: Instance, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(new URL('/orders', url), { signal })
  await response.arrayBuffer()
  return { status: response.status }
}
