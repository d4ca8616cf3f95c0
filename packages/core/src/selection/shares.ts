import type { Group, Survey, Tally } from './group.js'
import { sum } from './sum.js'
import { partLoads } from './tiers/canary.js'
import { callable, priorityLoads, type LevelHealth, type PriorityPolicy } from './tiers/priority-load.js'

/** One part of the set with its groups, priority by priority. */
export interface Division {
  readonly name: string
  /** The share of all calls it is to have, 0 to 1. */
  readonly share: number
  readonly ranks: readonly Rank[]
}

interface Rank {
  readonly name: string
  /** Zone by zone. */
  readonly groups: readonly Group[]
}

export interface ShareOptions extends PriorityPolicy {
  /** What share of a priority's calls goes to each of its zones, by how many are healthy there. */
  readonly zoneShares?: (healthy: ReadonlyMap<string, number>) => ReadonlyMap<string, number>
}

/** Gives every group its share of the calls: its part's, times its priority's, times its zone's; and its panic. */
export function share(
  divisions: readonly Division[],
  surveys: ReadonlyMap<Group, Survey>,
  options: ShareOptions,
): void {
  const useIdle = needsIdle([...surveys.values()])
  const standOf = (groups: readonly Group[]): Stand => {
    const of = groups.map((group) => surveys.get(group)!)
    const tallies = of.flatMap(({ weighty, idle }) => (useIdle ? [weighty, idle] : [weighty]))
    const unreachable = sum(tallies, (tally) => tally.unreachable)
    const total = sum(tallies, callableOf) + unreachable
    return { healthy: sum(tallies, ({ fit }) => fit), total, unreachable }
  }
  const parts = divisions.map(({ name, share: wanted, ranks }) => ({
    name,
    share: wanted,
    ...standOf(ranks.flatMap(({ groups }) => groups)),
  }))
  const shares = partLoads(parts)
  divisions.forEach((division, i) => shareWithin(division, shares[i]!, standOf, options))
}

/** How many a tally holds that could be called. */
export function callableOf({ fit, suspects }: Tally): number {
  return fit + suspects
}

type Stand = LevelHealth & { readonly unreachable: number }

type StandOf = (groups: readonly Group[]) => Stand

/**
 * Those of weight 0 count only where nobody with a weight is well, and then only if one of them is, or none of the others
 * could be called in panic.
 */
function needsIdle(surveys: readonly Survey[]): boolean {
  if (surveys.some(({ weighty }) => weighty.fit > 0)) return false
  return surveys.some(({ idle }) => idle.fit > 0) || surveys.every(({ weighty }) => weighty.suspects === 0)
}

function shareWithin({ ranks }: Division, ofAll: number, standOf: StandOf, options: ShareOptions): void {
  const stands = ranks.map(({ groups }) => standOf(groups))
  const loads = priorityLoads(stands, options)
  ranks.forEach(({ groups }, i) => {
    const { load, panic } = loads[i]!
    const zones = zoneSharesOf(groups, panic, standOf, options)
    groups.forEach((group, j) => {
      group.share = ofAll * load * zones[j]!
      group.panic = panic
    })
  })
}

function zoneSharesOf(
  groups: readonly Group[],
  panic: boolean,
  standOf: StandOf,
  { zoneShares }: ShareOptions,
): number[] {
  if (groups.length === 1) return [1]
  const usable = groups.map((group) => (panic ? callable(standOf([group])) : standOf([group]).healthy))
  const total = sum(usable, (each) => each)
  // In panic nobody knows who is well: zones then get what they have (Envoy's rule).
  const shares = panic ? undefined : zoneShares?.(new Map(groups.map(({ zone }, i) => [zone, usable[i]!])))
  return groups.map(({ zone }, i) => shares?.get(zone) ?? (total === 0 ? 0 : usable[i]! / total))
}
