import { defaultMaxListeners, getMaxListeners, setMaxListeners } from 'node:events'

/**
 * Lets a user end a thousand things with one signal, as one does at shutdown: from the eleventh listener on Node 20
 * warns of a leak. A limit that the user set stays.
 */
export function allowManyListeners(signal: AbortSignal): void {
  try {
    // Not 0, which means no limit as well: Node then can't tell the limit any more, and throws.
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(Infinity, signal)
  } catch {
    // Such a 0, set by the user; or what is a signal only by its looks, or of another realm, as in test runners.
  }
}
