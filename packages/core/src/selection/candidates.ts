import type { Clock } from '../clock.js'
import type { Chooser } from './balancers/chooser.js'
import type { Endpoint } from './endpoint.js'
import { Group, type Mode, type Survey } from './group.js'
import { undivided, type Layout } from './layout.js'
import { mayEject, type OutlierPolicy } from './outlier-policy.js'
import { partLoads } from './tiers/canary.js'
import { callable, priorityLoads, type LevelHealth } from './tiers/priority-load.js'

export interface CandidatesOptions {
  readonly clock: Clock
  readonly policy: OutlierPolicy
  /** Makes the chooser of one group. */
  makeChooser(): Chooser
  /** How the set is divided; not at all by default. */
  readonly layout?: Layout
  /** What share of a priority's calls goes to each of its zones, by how many are healthy there. */
  readonly zoneShares?: (healthy: ReadonlyMap<string, number>) => ReadonlyMap<string, number>
  readonly overprovisioning: number
  readonly panicThreshold: number
  /** Panic began or ended. */
  onPanic(panic: boolean): void
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

interface Rank {
  readonly name: string
  readonly groups: readonly Group[]
}

interface Division {
  readonly name: string
  readonly share: number
  readonly ranks: readonly Rank[]
}

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
  #groupOf: (endpoint: Endpoint) => Group | undefined = () => undefined
  #mode: Mode = modes[0]!
  /** Those with a share and somebody to call. */
  #active: readonly Group[] = []
  #pool = 0
  #suspects = 0
  #nextReturn = Infinity
  #outdated = false
  #panic = false
  /** Looked at, and nobody's time is running: all that a pick must ask. */
  #isQuiet = true

  constructor(options: CandidatesOptions) {
    this.#options = options
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints
  }

  replace(endpoints: readonly Endpoint[]): void {
    if (endpoints === this.#endpoints) return
    this.#endpoints = endpoints
    this.#divide()
    this.#expire()
  }

  /** Something learned of this endpoint may have changed who is worth calling. Finding its group is a search. */
  reconsider(endpoint: Endpoint, group: Group | undefined = this.#groupOf(endpoint)): void {
    if (!group) return
    group.reconsider(endpoint)
    this.#expire()
  }

  /** The groups with a share of the calls; none when nobody is worth calling. */
  current(): readonly Group[] {
    if (!this.#isQuiet && (this.#outdated || this.#options.clock.now() >= this.#nextReturn)) this.#look()
    return this.#active
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
    return this.#groupOf(endpoint)
  }

  #expire(): void {
    this.#outdated = true
    this.#isQuiet = false
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
    const groups = this.#groups()
    for (const [name, group] of this.#known) if (!groups.includes(group)) this.#known.delete(name)
    this.#groupOf = finder(groups)
  }

  /** A group outlives snapshots, and its balancer's state with it. */
  #group(path: string, { name, endpoints }: { name: string; endpoints: readonly Endpoint[] }): Group {
    const full = name === '' ? path : `${path}/${name}`
    const group = this.#known.get(full) ?? new Group(full, name, this.#options.makeChooser())
    this.#known.set(full, group)
    group.replace(endpoints)
    return group
  }

  #groups(): Group[] {
    return this.#divisions.flatMap(({ ranks }) => ranks.flatMap(({ groups }) => groups))
  }

  #look(): void {
    const now = this.#options.clock.now()
    const groups = this.#groups()
    const surveys = this.#survey(groups, now)
    this.#share(surveys)
    for (const group of groups) group.settle(now, this.#mode)
    this.#active = groups.filter(({ share, list }) => share > 0 && list.length > 0)
    this.#outdated = false
    this.#isQuiet = this.#nextReturn === Infinity
    this.#tellPanic(this.#active.some(({ panic }) => panic))
  }

  /** Finds the mode in which there is anybody, and how each group stands in it. */
  #survey(groups: readonly Group[], now: number): ReadonlyMap<Group, Survey> {
    let surveys = new Map<Group, Survey>()
    for (const mode of modes) {
      this.#mode = mode
      surveys = new Map(groups.map((group) => [group, group.survey(now, mode)]))
      if (mode === modes[0]) this.#count([...surveys.values()])
      if ([...surveys.values()].some(({ fit, idle, suspects }) => fit + idle + suspects > 0)) break
    }
    return surveys
  }

  #count(surveys: readonly Survey[]): void {
    // Had the unproven another chance and the others gone out meanwhile, nobody might be left.
    this.#suspects = sum(surveys, ({ suspects, unproven }) => suspects + unproven)
    this.#pool = sum(surveys, ({ fit, idle, suspects }) => fit + idle + suspects)
    this.#nextReturn = Math.min(...surveys.map(({ nextReturn }) => nextReturn))
  }

  /** Gives every group its share: its part's, times its priority's, times its zone's. */
  #share(surveys: ReadonlyMap<Group, Survey>): void {
    // Those of weight 0 count only where nobody has a weight.
    const useIdle = [...surveys.values()].every(({ fit }) => fit === 0)
    const standOf = (group: Group): Stand => {
      const { fit, idle, suspects, unreachable } = surveys.get(group)!
      const healthy = useIdle ? fit + idle : fit
      return { healthy, total: healthy + suspects + unreachable, unreachable }
    }
    const parts = this.#divisions.map(({ name, share, ranks }) => ({
      name,
      share,
      ...standOfAll(
        ranks.flatMap(({ groups }) => groups),
        standOf,
      ),
    }))
    const shares = partLoads(parts)
    this.#divisions.forEach((division, i) => this.#shareWithin(division, shares[i]!, standOf))
  }

  #shareWithin({ ranks }: Division, share: number, standOf: (group: Group) => Stand): void {
    const { overprovisioning, panicThreshold } = this.#options
    const stands = ranks.map(({ groups }) => standOfAll(groups, standOf))
    const loads = priorityLoads(stands, { overprovisioning, panicThreshold })
    ranks.forEach(({ groups }, i) => {
      const { load, panic } = loads[i]!
      const usable = groups.map((group) => (panic ? callable(standOf(group)) : standOf(group).healthy))
      // In panic nobody knows who is well: zones then get what they have (Envoy's rule).
      const zones = this.#zoneShares(groups, usable, panic)
      groups.forEach((group, j) => {
        group.share = share * load * zones[j]!
        group.panic = panic
      })
    })
  }

  #zoneShares(groups: readonly Group[], usable: readonly number[], panic: boolean): number[] {
    if (groups.length === 1) return [1]
    const { zoneShares } = this.#options
    const total = sum(usable, (each) => each)
    const shares = panic ? undefined : zoneShares?.(new Map(groups.map(({ zone }, i) => [zone, usable[i]!])))
    return groups.map(({ zone }, i) => shares?.get(zone) ?? (total === 0 ? 0 : usable[i]! / total))
  }

  #tellPanic(panic: boolean): void {
    if (panic === this.#panic) return
    this.#panic = panic
    this.#options.onPanic(panic)
  }
}

type Stand = LevelHealth & { readonly unreachable: number }

function standOfAll(groups: readonly Group[], standOf: (group: Group) => Stand): Stand {
  const stands = groups.map(standOf)
  return {
    healthy: sum(stands, ({ healthy }) => healthy),
    total: sum(stands, ({ total }) => total),
    unreachable: sum(stands, ({ unreachable }) => unreachable),
  }
}

/** With one group, which is the rule, nobody need be looked up. */
function finder(groups: readonly Group[]): (endpoint: Endpoint) => Group | undefined {
  const [only] = groups
  if (groups.length <= 1) return (endpoint) => (only?.all.includes(endpoint) ? only : undefined)
  const index = new Map(groups.flatMap((group) => group.all.map((endpoint) => [endpoint, group] as const)))
  return (endpoint) => index.get(endpoint)
}

function sum<T>(list: readonly T[], of: (each: T, i: number) => number): number {
  return list.reduce((total, each, i) => total + of(each, i), 0)
}
