import type { Clock } from '../clock.js'
import type { Instance } from '../instance.js'
import type { Endpoint } from './endpoint.js'
import { mayEject } from './outlier-policy.js'
import { sift, type Sifted } from './sift.js'

/**
 * The endpoints worth calling now (`sift` has the rules), kept as state: sifted anew after an event, never per
 * pick. The same array is returned until its content changes, so that balancers may key tables on it. The clock
 * is read only while an endpoint is ejected.
 */
export class Candidates {
  readonly #clock: Clock
  #endpoints: readonly Endpoint[] = []
  #sifted: Sifted = sift([], 0)
  #list: readonly Endpoint[] = []
  #instances: readonly Instance[] = []
  #outdated = false
  /** Sifted, and nobody's time is running: all that a pick must look at. */
  #isQuiet = true

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints
  }

  /** A new snapshot's endpoints: weights may differ even where the endpoints don't, so the array changes too. */
  replace(endpoints: readonly Endpoint[]): void {
    if (endpoints === this.#endpoints) return
    this.#endpoints = endpoints
    this.#list = []
    this.reconsider()
  }

  /** Something learned may have changed who is worth calling. */
  reconsider(): void {
    this.#outdated = true
    this.#isQuiet = false
  }

  current(): readonly Endpoint[] {
    return this.#isQuiet ? this.#list : this.#look()
  }

  /** The instance of the candidate at a place in `current()`, without touching the endpoint: see `Chooser`. */
  instanceAt(place: number): Instance {
    return this.#instances[place]!
  }

  /** Whether suspicion may take one more of them out. */
  mayEject(): boolean {
    if (this.#outdated) this.#sift()
    return mayEject(this.#sifted.suspects, this.#sifted.pool)
  }

  #look(): readonly Endpoint[] {
    if (this.#outdated || this.#clock.now() >= this.#sifted.nextReturn) this.#sift()
    return this.#list
  }

  #sift(): void {
    this.#sifted = sift(this.#endpoints, this.#clock.now())
    this.#outdated = false
    this.#isQuiet = this.#sifted.nextReturn === Infinity
    if (sameList(this.#list, this.#sifted.list)) return
    this.#list = this.#sifted.list
    this.#instances = this.#list.map(({ instance }) => instance)
  }
}

function sameList(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every((endpoint, i) => endpoint === b[i])
}
