import type { Instance } from '../instance.js'

export interface CallContext {
  /**
   * Aborted when the attempt's time is up, the caller hangs up or another attempt has won; never once `fn` has settled
   * with what the call returns. Made when it is first read, for it costs more than all the rest: a copy made
   * with `{ ...context }` lacks it.
   */
  readonly signal: AbortSignal
  /** 1 for the first. */
  readonly attempt: number
}

/** What a user calls an instance with. */
export type Callee<T> = (instance: Instance, context: CallContext) => T | PromiseLike<T>

export type { CallOptions } from './call-options.js'
