import { hasCode } from '../../src/wire/index.js'

/**
 * Does it again, as core would, while a dial is over its own limit: that says something about this machine only. Any
 * other fault is thrown. Ends with its client, or what it does with its signal.
 */
export async function dialled<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!hasCode(error, 'CONNECTION_LOSS') || !String(error).includes('gave no session within')) throw error
    }
  }
}
