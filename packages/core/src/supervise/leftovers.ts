import type { Instance } from '../instance.js'
import { follower, type Follower } from './attempt.js'
import { release, type ReleaseTools } from './release.js'

/**
 * Instances that have ended while the store could not be told. A TTL removes no record under a lease that others
 * share and go on renewing: callers would be sent there for as long as this process lives. So these are released
 * behind the scenes, until that succeeds, the id is announced anew, or the registry is closed.
 */
export class Leftovers {
  readonly #tools: ReleaseTools
  readonly #over: AbortSignal
  readonly #releasing = new Map<string, Follower>()

  constructor(tools: ReleaseTools, over: AbortSignal) {
    this.#tools = tools
    this.#over = over
  }

  add(instance: Instance): void {
    if (!this.#tools.adapter.capabilities.sharedLease) return
    const key = keyOf(instance)
    const releasing = follower(this.#over)
    this.#releasing.set(key, releasing)
    void release(instance, this.#tools, releasing.signal).then(() => {
      releasing.end(undefined)
      if (this.#releasing.get(key) === releasing) this.#releasing.delete(key)
    })
  }

  /** The id is announced anew: that writes over what was left, and no two writes for an id may overlap. */
  forget(instance: Instance): void {
    this.#releasing.get(keyOf(instance))?.end(undefined)
  }
}

function keyOf({ service, id }: Instance): string {
  return `${service}\n${id}`
}
