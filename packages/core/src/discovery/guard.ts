import type { Instance } from '../instance.js'

/** Under this size a loss of half is everyday life. */
const smallestMass = 4

/**
 * Doubts a listing that lost too many at once.
 *
 * A set that became empty, or lost half or more of at least four, is what a store frozen beyond its TTL, wiped, or
 * read without rights says; the processes behind it are usually well. Those missing are held: still candidates,
 * until they are listed again, until somebody finds them unreachable, or until the time is up. One last seen
 * `draining` or `down` goes at once, so that scaling to zero is quick.
 */
export class Guard {
  readonly #holdMs: number
  #listed = new Map<string, Instance>()
  readonly #held = new Map<string, { instance: Instance; until: number }>()

  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  get held(): readonly Instance[] {
    return [...this.#held.values()].map(({ instance }) => instance)
  }

  /** When the next of those held must go; undefined when none is. */
  get nextExpiry(): number | undefined {
    // All are held for the same time and a Map keeps their order: the first is the first to go.
    return this.#held.values().next().value?.until
  }

  /** Takes in a listing and returns whom it holds because of it. `now` is of the same clock as `nextExpiry`. */
  admit(instances: readonly Instance[], now: number): readonly Instance[] {
    const before = this.#listed
    this.#listed = new Map(instances.map((instance) => [instance.id, instance]))
    for (const id of this.#listed.keys()) this.#held.delete(id)
    const gone = [...before.values()].filter(({ id }) => !this.#listed.has(id))
    const nowHeld = this.#isMass(before.size, gone.length) ? gone.filter(({ status }) => status === 'up') : []
    for (const instance of nowHeld) this.#held.set(instance.id, { instance, until: now + this.#holdMs })
    return nowHeld
  }

  /** Those whose time is up at `now`; they are held no more. */
  expire(now: number): Instance[] {
    const expired = [...this.#held.values()].filter(({ until }) => until <= now)
    return expired.map(({ instance }) => instance).filter(({ id }) => this.release(id))
  }

  /** Lets one go. Returns whether it was held. */
  release(id: string): boolean {
    return this.#held.delete(id)
  }

  #isMass(before: number, gone: number): boolean {
    if (gone === 0) return false
    return this.#listed.size === 0 || (before >= smallestMass && gone * 2 >= before)
  }
}
