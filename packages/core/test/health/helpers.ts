import { ManualClock } from '@rollcall/testing'
import { xorshift32, type Instance } from '@rollcall/core/adapter'
import type { ProbeOptions } from '../../src/health/probe-options.js'
import { planProbe } from '../../src/health/probe-plan.js'
import { Prober, type Probed } from '../../src/health/prober.js'
import { Endpoint } from '../../src/selection/endpoint.js'
import { instance } from '../helpers.js'

/** One probe as it was made. */
interface Made {
  readonly at: number
  readonly id: string
}

export interface Probing {
  readonly clock: ManualClock
  readonly prober: Prober
  readonly made: Made[]
  /** `id verdict` and the reason, if there is one, in the order they came. */
  readonly settled: string[]
  readonly settledAt: number[]
  endpoints: Endpoint[]
  lastCallAt: number
  /** How a probe of an instance ends; passing at once unless told otherwise. */
  check: (instance: Instance, signal: AbortSignal) => boolean | Promise<boolean>
  /** When an endpoint was probed. */
  times(id?: string): number[]
}

/** A prober of endpoints that a test describes. Calls are always fresh unless told otherwise. */
export function probing(options: ProbeOptions & { ids?: string[]; random?: () => number } = {}): Probing {
  const { ids = ['a'], random = xorshift32(7), ...more } = options
  const clock = new ManualClock()
  const made: Made[] = []
  const settled: string[] = []
  const settledAt: number[] = []
  const state = {
    endpoints: ids.map((id) => new Endpoint(instance(id))),
    lastCallAt: Infinity,
    check: (): boolean | Promise<boolean> => true,
  } as Pick<Probing, 'endpoints' | 'lastCallAt' | 'check'>
  const probed: Probed = {
    endpoints: () => state.endpoints,
    lastCallAt: () => state.lastCallAt,
    settleProbe(endpoint, verdict, reason) {
      endpoint.probed = verdict
      settledAt.push(clock.now())
      settled.push([endpoint.instance.id, verdict, reason].filter(Boolean).join(' '))
    },
  }
  const plan = planProbe({
    check: (probedInstance, { signal }) => {
      made.push({ at: clock.now(), id: probedInstance.id })
      return state.check(probedInstance, signal)
    },
    ...more,
  })
  const prober = new Prober({ probed, clock, random, plan })
  return Object.assign(state, {
    clock,
    prober,
    made,
    settled,
    settledAt,
    times: (id = 'a') => made.filter((one) => one.id === id).map(({ at }) => at),
  })
}

/** What lies between one time and the next. */
export function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!)
}
