import { badOption, show, unknownOption } from './options.js'

export interface LeaveOptions {
  /** All of leaving takes at most this long, default 30,000 ms. */
  deadlineMs?: number
  /** How long callers get to learn that we are draining before we are taken off the list; default 500 ms. */
  lingerMs?: number
  /** Finishes the calls in flight, for example `server.close`; awaited last. */
  drain?: (signal: AbortSignal) => Promise<unknown>
}

/** How leaving ended. */
export interface LeaveResult {
  /**
   * The store took the instance off its list. If not, the TTL does, or a release that goes on behind the scenes where
   * other instances share the lease, or the newer process has that replaced it.
   */
  readonly released: boolean
  /** `drain` came to its end in time; true when none was given. */
  readonly drained: boolean
}

/** Throws BAD_OPTION and UNKNOWN_OPTION. */
export function checkLeaveOptions(options: LeaveOptions): void {
  for (const [name, value] of Object.entries(options)) checkLeaveOption(name, value)
}

function checkLeaveOption(name: string, value: unknown): void {
  if (name === 'drain') {
    if (value !== undefined && typeof value !== 'function')
      throw badOption(name, `is ${show(value)}`, 'give a function')
    return
  }
  if (name !== 'deadlineMs' && name !== 'lingerMs')
    throw unknownOption(name, ['deadlineMs', 'lingerMs', 'drain'])
  const fits = value === undefined || (typeof value === 'number' && value >= 0)
  if (!fits) throw badOption(name, `is ${show(value)}`, 'give milliseconds, 0 or more')
}
