import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Endpoint } from '../selection/endpoint.js'
import type { Pick } from '../selection/pick.js'
import type { CallEvent } from './call-events.js'

interface AcquireRequest {
  /** Not one of these while there are others. */
  readonly tried?: ReadonlySet<Endpoint> | undefined
  /** What the caller wants to keep together, as text. */
  readonly key?: string | undefined
}

/** Where a view's calls get their picks and what they are told with. */
export interface CallSource {
  /** For errors. */
  readonly service: string
  readonly clock: Clock
  readonly random: Random
  /** Resolves when `acquire` no more throws NOT_READY. */
  ready(signal: AbortSignal): Promise<void>
  /** Why the store can't be asked at present, if it can't. */
  whyNotReady(): string | undefined
  /** A pick by the balancer. Throws NOT_READY, NO_INSTANCES, OVERLOADED, CLOSED and BAD_BALANCER. */
  acquire(request: AcquireRequest): Pick
  /** A pick of this very endpoint, worth calling or not. Throws OVERLOADED and CLOSED. */
  acquireAt(endpoint: Endpoint): Pick
  /** All that the view is about, worth calling or not, in the order of the set. Throws NOT_READY and CLOSED. */
  endpoints(): readonly Endpoint[]
  /** The endpoints worth calling now, the nearest priority first, then in the order of the set. Throws NOT_READY, NO_INSTANCES and CLOSED. */
  candidates(): readonly Endpoint[]
  /** The endpoint asked to be left alone for so long. */
  pause(endpoint: Endpoint, ms: number): void
  /** Must not throw. */
  report(event: CallEvent): void
}
