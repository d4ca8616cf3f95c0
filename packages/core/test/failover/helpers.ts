import { ManualClock } from '@rollcall/testing'
import { RollcallError } from '../../src/errors.js'
import { call, type CallOptions, type CallSource, type Callee } from '../../src/failover/call.js'
import type { Instance } from '../../src/instance.js'
import { xorshift32 } from '../../src/random.js'
import type { Balancer, BalancerName } from '../../src/selection/balancers/balancer.js'
import { Selector, type SelectionEvent } from '../../src/selection/selector.js'

export interface Line {
  readonly clock: ManualClock
  readonly selector: Selector
  readonly source: CallSource
  readonly events: SelectionEvent[]
  /** Ids of the instances called, in order. */
  readonly called: string[]
  /** How often readiness was waited for. */
  readonly waits: () => number
  /** A first snapshot comes. */
  readonly list: (set: readonly Instance[]) => void
  readonly call: <T>(fn: Callee<T>, options?: CallOptions<T>) => Promise<T>
  /** How many calls are in flight at each endpoint. */
  readonly inFlight: () => number[]
}

/** A call's way without a registry: a selector and a source that is not ready before the first `list`. */
export function line(set?: readonly Instance[], balancer: BalancerName | Balancer = (all) => all[0]): Line {
  const clock = new ManualClock()
  const events: SelectionEvent[] = []
  const called: string[] = []
  const selector = new Selector({
    clock,
    random: xorshift32(3),
    balancer,
    onEvent: (event) => events.push(event),
  })
  let isReady = false
  let waits = 0
  let wake = (): void => {}
  const source: CallSource = {
    service: 'orders',
    clock,
    random: xorshift32(5),
    ready(signal) {
      waits++
      return new Promise((resolve, reject) => {
        wake = resolve
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    },
    whyNotReady: () => undefined,
    acquire(tried) {
      if (!isReady) throw new RollcallError('NOT_READY', 'not yet')
      const pick = selector.acquire(tried)
      if (!pick) throw new RollcallError('NO_INSTANCES', 'nobody')
      return pick
    },
  }
  const list = (next: readonly Instance[]): void => {
    selector.update(next)
    isReady = true
    wake()
  }
  if (set) list(set)
  return {
    clock,
    selector,
    source,
    events,
    called,
    waits: () => waits,
    list,
    call: (fn, options) =>
      call(
        source,
        (instance, context) => {
          called.push(instance.id)
          return fn(instance, context)
        },
        options,
      ),
    inFlight: () => selector.endpoints.map((endpoint) => endpoint.inFlight),
  }
}

/** As Node's fetch throws it. */
export function fetchFailed(code: string, fields: object = {}): TypeError {
  const cause = Object.assign(new Error(`connect ${code}`), { code }, fields)
  return new TypeError('fetch failed', { cause })
}

/** The rejection of a promise; fails the test when there is none. */
// oxlint-disable-next-line typescript/no-explicit-any -- what was thrown may be anything, and tests look into it
export async function rejection(promise: Promise<unknown>): Promise<any> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}

/** Settles only by its signal, or never. */
export function silent(signal?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}
