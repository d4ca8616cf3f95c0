import { RollcallError } from '../errors.js'
import { attempt, type AttemptLimits } from './attempt.js'
import { letGo } from './keep-watching.js'

/** What a watch that is opened now yields first. */
export function readOnce<T>(
  limits: AttemptLimits,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): Promise<T> {
  return attempt(limits, async (signal) => {
    const iterator = open(signal)[Symbol.asyncIterator]()
    try {
      const { done, value } = await iterator.next()
      if (done) throw new RollcallError('UNAVAILABLE', `${limits.what} ended without an answer`)
      return value
    } finally {
      letGo(iterator)
    }
  })
}
