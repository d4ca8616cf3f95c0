import { ManualClock } from '@rollcall/testing'
import { RollcallError } from '../../src/errors.js'
import type { CallEvent } from '../../src/failover/call-events.js'
import type { CallOptions } from '../../src/failover/call-options.js'
import type { CallSource } from '../../src/failover/call-source.js'
import type { Callee } from '../../src/failover/call.js'
import { Caller, type CallerOptions } from '../../src/failover/caller.js'
import type { Instance } from '../../src/instance.js'
import { xorshift32 } from '../../src/random.js'
import type { Balancer, BalancerName } from '../../src/selection/balancers/balancer.js'
import { planOf } from '../../src/selection/balancers/plan-of.js'
import { Selector } from '../../src/selection/selector.js'
import type { SelectionEvent } from '../../src/selection/selection.js'

export interface Line {
  readonly clock: ManualClock
  readonly selector: Selector
  readonly source: CallSource
  readonly caller: Caller
  readonly events: SelectionEvent[]
  /** What the calls told. */
  readonly told: CallEvent[]
  /** Ids of the instances called, in order. */
  readonly called: string[]
  /** The keys that picks were asked for with, and how long each instance was paused. */
  readonly keys: (string | undefined)[]
  readonly paused: [id: string, ms: number][]
  /** How often readiness was waited for. */
  readonly waits: () => number
  /** A first snapshot comes. */
  readonly list: (set: readonly Instance[]) => void
  readonly call: <T, F = never>(fn: Callee<T>, options?: CallOptions<T, F>) => Promise<T | F>
  /** How many calls are in flight at each endpoint. */
  readonly inFlight: () => number[]
  /** The view is closed. */
  readonly close: () => void
}

export interface LineOptions extends CallerOptions {
  readonly balancer?: BalancerName | Balancer
  readonly maxInFlight?: number
  /** Keeps the timer of the time limits when there are none: as a view does until it is closed. */
  readonly keepsTimer?: boolean
  /** Falls in for the source's. */
  readonly random?: () => number
}

/** A call's way without a registry: a selector and a source that is not ready before the first `list`. */
export function line(
  set?: readonly Instance[],
  {
    balancer = (all) => all[0],
    maxInFlight,
    keepsTimer = false,
    random = xorshift32(5),
    ...options
  }: LineOptions = {},
): Line {
  const clock = new ManualClock()
  const events: SelectionEvent[] = []
  const told: CallEvent[] = []
  const called: string[] = []
  const keys: (string | undefined)[] = []
  const paused: [string, number][] = []
  const selector = new Selector({
    clock,
    random: xorshift32(3),
    balancer: planOf(balancer),
    ...(maxInFlight !== undefined && { maxInFlight }),
    onEvent: (event) => events.push(event),
  })
  let isReady = false
  let isClosed = false
  let waits = 0
  let wake = (): void => {}
  const mustBeReady = (): void => {
    if (isClosed) throw new RollcallError('CLOSED', 'closed')
    if (!isReady) throw new RollcallError('NOT_READY', 'not yet')
  }
  const asPick = (pick: ReturnType<Selector['acquire']>): Exclude<typeof pick, string> => {
    if (pick === 'nobody') throw new RollcallError('NO_INSTANCES', 'nobody')
    if (pick === 'overloaded') throw new RollcallError('OVERLOADED', 'too many')
    return pick
  }
  const source: CallSource = {
    service: 'orders',
    clock,
    random,
    ready(signal) {
      waits++
      return new Promise((resolve, reject) => {
        wake = resolve
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    },
    whyNotReady: () => undefined,
    acquire(request) {
      mustBeReady()
      keys.push(request.key)
      return asPick(selector.acquire(request))
    },
    acquireAt(endpoint) {
      if (isClosed) mustBeReady()
      return asPick(selector.acquireAt(endpoint))
    },
    endpoints() {
      mustBeReady()
      return selector.endpoints
    },
    candidates() {
      mustBeReady()
      const candidates = selector.candidates()
      if (candidates.length === 0) throw new RollcallError('NO_INSTANCES', 'nobody')
      return candidates
    },
    pause(endpoint, ms) {
      paused.push([endpoint.instance.id, ms])
      selector.pause(endpoint, ms)
    },
    report: (event) => told.push(event),
  }
  const caller = new Caller(source, options)
  // Tests ask what timers are left: not the one that waits for nobody any more.
  if (!keepsTimer) caller.timeLimits.close()
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
    caller,
    events,
    told,
    called,
    keys,
    paused,
    waits: () => waits,
    list,
    call: (fn, options) =>
      caller.call((instance, context) => {
        called.push(instance.id)
        return fn(instance, context)
      }, options),
    inFlight: () => selector.endpoints.map((endpoint) => endpoint.inFlight),
    close() {
      isClosed = true
      caller.close()
    },
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
