import type { Clock } from '../clock.js'
import type { Chooser } from './balancers/chooser.js'
import type { Endpoint } from './endpoint.js'
import { Group, type Mode, type Survey } from './group.js'
import { undivided, type Layout } from './layout.js'
import { mayEject, type OutlierPolicy } from './outlier-policy.js'
import { callableOf, share, type Division, type ShareOptions } from './shares.js'
import { sum } from './sum.js'

export interface CandidatesOptions extends ShareOptions {
  readonly clock: Clock
  readonly policy: OutlierPolicy
  /** Makes the chooser of one group, whose calls under way `inFlight` tells. */
  makeChooser(inFlight: () => number): Chooser
  /** How the set is divided; not at all by default. */
  readonly layout?: Layout
  /** Panic began or ended. */
  onPanic(panic: boolean): void
  /**
   * There is but one group to choose from and nobody's time is running: until this is called again, with undefined, a
   * pick need ask nothing else.
   */
  onSole(sole: Group | undefined): void
}

/**
 * Who is asked for, in this order, until there is somebody:
 *
 * 1. Those that are `up`, save those ejected on suspicion and those whose probes fail, unless that leaves too few (panic).
 *    Never those that refused a connection, however many: nobody listens there, so that spreading calls over them helps
 *    nobody. Nor those held against the store's word that did not answer.
 * 2. The `draining`, by the same rules: they still work until they close their port.
 * 3. Whoever refused or is missing, but not both: a refusal is old news after a second, and a wrong try costs less
 *    than a certain error.
 *
 * `down` ones never: their own health check, or their store, says that they can't serve.
 */
const modes: readonly Mode[] = [
  { status: 'up', fitness: 'believed' },
  { status: 'draining', fitness: 'believed' },
  { status: 'up', fitness: 'doubtful' },
  { status: 'draining', fitness: 'doubtful' },
]

/**
 * The endpoints worth calling now, in groups: part by part (see `Layout`), priority by priority, zone by zone, with the
 * share of the calls that each gets. Kept as state: looked at anew after an event, never per pick. The clock is read
 * only while an endpoint is ejected.
 */
export class Candidates {
  readonly #options: CandidatesOptions
  readonly #known = new Map<string, Group>()
  #endpoints: readonly Endpoint[] = []
  #divisions: readonly Division[] = []
  #groups: readonly Group[] = []
  #mode: Mode = modes[0]!
  /** Those with a share and somebody to call. */
  #active: readonly Group[] = []
  #pool = 0
  #suspects = 0
  #nextReturn = Infinity
  #outdated = false
  #panic = false
  /** Looked at, and nobody's time is running. */
  #isQuiet = true

  constructor(options: CandidatesOptions) {
    this.#options = options
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints
  }

  /** Whom the layout leaves in, in the set's order. */
  get members(): readonly Endpoint[] {
    const members = new Set(this.#groups.flatMap(({ all }) => all))
    if (members.size === this.#endpoints.length) return this.#endpoints
    return this.#endpoints.filter((endpoint) => members.has(endpoint))
  }

  /**
   * Everybody worth calling now, the best first: the part with the largest share (so that a canary does not take every
   * call of those who call the first), the nearest priority, and then by the set's order.
   */
  inOrder(): Endpoint[] {
    const active = new Set(this.current())
    const parts = this.#divisions.map(({ ranks }) => ranks.flatMap(({ groups }) => groups))
    const shareOf = (groups: readonly Group[]): number => sum(groups, ({ share }) => share)
    return parts
      .toSorted((a, b) => shareOf(b) - shareOf(a))
      .flatMap((groups) => groups.filter((group) => active.has(group)).flatMap(({ list }) => list))
  }

  replace(endpoints: readonly Endpoint[]): void {
    if (endpoints === this.#endpoints) return
    this.#endpoints = endpoints
    this.#expire()
    this.#divide()
  }

  /** Something learned of this endpoint may have changed who is worth calling. Finding its group is a search. */
  reconsider(endpoint: Endpoint, group: Group | undefined = this.groupOf(endpoint)): void {
    if (!group) return
    group.reconsider(endpoint)
    this.#expire()
  }

  /** The groups with a share of the calls; none when nobody is worth calling. */
  current(): readonly Group[] {
    if (!this.#isQuiet && (this.#outdated || this.#options.clock.now() >= this.#nextReturn)) this.#look()
    return this.#active
  }

  /** Those of the members that are ejected. */
  ejected(): Endpoint[] {
    return this.#groups.flatMap((group) => group.ejected())
  }

  /** Every division with all its groups, also those without a share: for explanations. */
  get divisions(): readonly Division[] {
    return this.#divisions
  }

  /** Whether suspicion may take one more of them out. */
  mayEject(): boolean {
    if (this.#outdated) this.#look()
    return mayEject(this.#suspects, this.#pool, this.#options.policy)
  }

  /** The group that an endpoint belongs to; undefined when the layout leaves it out, or it has left the set. */
  groupOf(endpoint: Endpoint): Group | undefined {
    return this.#groups.find((group) => group.has(endpoint))
  }

  #expire(): void {
    this.#outdated = true
    this.#isQuiet = false
    this.#options.onSole(undefined)
  }

  #divide(): void {
    const { layout = undivided } = this.#options
    this.#divisions = layout(this.#endpoints).map(({ name, share, priorities }) => ({
      name,
      share,
      ranks: priorities.map((priority) => ({
        name: priority.name,
        groups: priority.zones.map((zone) => this.#group(`${name}/${priority.name}`, zone)),
      })),
    }))
    this.#groups = this.#divisions.flatMap(({ ranks }) => ranks.flatMap(({ groups }) => groups))
    for (const [name, group] of this.#known) {
      if (this.#groups.includes(group)) continue
      group.replace([])
      this.#known.delete(name)
    }
  }

  /** A group outlives snapshots, and its balancer's state with it. */
  #group(path: string, { name, endpoints }: { name: string; endpoints: readonly Endpoint[] }): Group {
    const full = name === '' ? path : `${path}/${name}`
    // Zones and canaries may have a slash in their names.
    const key = JSON.stringify([path, name])
    const group = this.#known.get(key) ?? new Group(full, name, this.#options.makeChooser)
    this.#known.set(key, group)
    group.replace(endpoints)
    return group
  }

  #look(): void {
    const now = this.#options.clock.now()
    const groups = this.#groups
    const surveys = this.#survey(groups, now)
    share(this.#divisions, surveys, this.#options)
    for (const group of groups) group.settle(now, this.#mode)
    this.#active = groups.filter(({ share, list }) => share > 0 && list.length > 0)
    this.#outdated = false
    this.#isQuiet = this.#nextReturn === Infinity
    if (this.#isQuiet && this.#active.length === 1) this.#options.onSole(this.#active[0])
    this.#tellPanic(this.#active.some(({ panic }) => panic))
  }

  /** Finds the mode in which there is anybody, and how each group stands in it. */
  #survey(groups: readonly Group[], now: number): ReadonlyMap<Group, Survey> {
    let surveys = new Map<Group, Survey>()
    for (const mode of modes) {
      this.#mode = mode
      surveys = new Map(groups.map((group) => [group, group.survey(now, mode)]))
      const all = [...surveys.values()]
      // The last resort is not judged: with a pool of 0, suspicion takes nobody out.
      if (mode.fitness === 'believed') this.#count(all)
      if (all.some(({ weighty, idle }) => callableOf(weighty) + callableOf(idle) > 0)) break
    }
    return surveys
  }

  #count(surveys: readonly Survey[]): void {
    // Had the unproven another chance and the others gone out meanwhile, nobody might be left.
    this.#suspects = sum(
      surveys,
      ({ weighty, idle, unproven }) => weighty.suspects + idle.suspects + unproven,
    )
    this.#pool = sum(surveys, ({ weighty, idle }) => callableOf(weighty) + callableOf(idle))
    this.#nextReturn = Math.min(...surveys.map(({ nextReturn }) => nextReturn))
  }

  #tellPanic(panic: boolean): void {
    if (panic === this.#panic) return
    this.#panic = panic
    this.#options.onPanic(panic)
  }
}
