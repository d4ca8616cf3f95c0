import type {
  CallContext,
  CallOptions,
  Instance,
  Registry,
  ServiceOptions,
  ServiceView,
} from '@rollcall/core'
import { Arrivals } from './arrivals.js'
import type { Contender } from './contender.js'
import { Tally } from './tally.js'

const attemptTimeoutMs = 1000

interface Answer {
  readonly status: number
}

/** The calls of one contender, through a view of its own. */
export class Traffic {
  /** Where new calls are counted. */
  tally: Tally = new Tally()
  readonly contender: Contender
  readonly #view: ServiceView
  readonly #underWay = new Set<Promise<void>>()
  readonly #arrivals: Arrivals

  constructor(registry: Registry, contender: Contender, perSecond: number) {
    this.contender = contender
    this.#view = registry.service('orders', { balancer: contender.balancer } as ServiceOptions)
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
    const request = (instance: Instance, { signal }: CallContext): Promise<Answer> => {
      tally.requests++
      return get(instance, signal)
    }
    const options = { idempotent: true, attemptTimeoutMs } satisfies CallOptions<Answer>
    try {
      const { status } = await this.#view.call(request, options)
      tally.end(performance.now() - meantAt, status === 200 ? undefined : `HTTP ${status}`)
    } catch (error) {
      tally.end(performance.now() - meantAt, error instanceof Error ? error.message : `threw ${typeof error}`)
    }
  }
}

async function get({ url }: Instance, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(new URL('/orders', url), { signal })
  await response.arrayBuffer()
  return { status: response.status }
}
