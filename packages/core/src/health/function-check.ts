import type { Instance } from '../instance.js'
import { OwnCheck } from '../supervise/own-check.js'
import type { Check } from './check.js'

/**
 * A check of your own. False or a throw is a failure, true or nothing a pass. It should end when the signal is
 * aborted: the time is up, or the instance is gone.
 */
export type ProbeFunction = (
  instance: Instance,
  context: { readonly signal: AbortSignal },
) => boolean | void | Promise<boolean | void>

export function functionCheck(probe: ProbeFunction): Check {
  const own = new OwnCheck()
  return { run: (instance, signal) => own.run(() => probe(instance, { signal })) }
}
