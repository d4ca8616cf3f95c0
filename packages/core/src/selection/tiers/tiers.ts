import type { Endpoint } from '../endpoint.js'
import type { Layout, Priority, Zone } from '../layout.js'
import { split, type Canary } from './canary.js'
import type { ZonePolicy } from './locality-policy.js'
import type { Level } from './locality.js'
import { matches, type Match } from './match.js'
import { subsetOf, type SubsetPolicy } from './subset.js'

/** How a view divides its endpoints; undefined is not at all. */
export interface Tiers {
  /** Whom the view is about. */
  readonly match: Match | undefined
  readonly canaries: readonly Canary[]
  /** The endpoints by priority, the best first, no level empty. */
  readonly levels: ((endpoints: readonly Endpoint[]) => readonly Level[]) | undefined
  readonly subset: SubsetPolicy | undefined
  readonly zones: ZonePolicy | undefined
}

/**
 * The layout by these tiers: those that match in parts, these in levels, and these in zones. The subset is taken of each
 * level, so that neither canaries nor the own zone go missing by it, and before zones, so that these keep their
 * proportions.
 */
export function layoutOf(tiers: Tiers): Layout {
  const { match, canaries } = tiers
  return (endpoints) => {
    const wanted = match ? endpoints.filter(({ instance }) => matches(instance, match)) : endpoints
    return split(wanted, canaries).map(({ name, share, endpoints: all }) => ({
      name,
      share,
      priorities: prioritiesOf(all, tiers),
    }))
  }
}

function prioritiesOf(endpoints: readonly Endpoint[], { levels, subset, zones }: Tiers): Priority[] {
  const all = levels?.(endpoints) ?? [{ name: 'all', endpoints }]
  return all.map((level) => {
    const kept = subset ? subsetOf(level.endpoints, subset) : level.endpoints
    return { name: level.name, zones: zones ? byZone(kept) : [{ name: '', endpoints: kept }] }
  })
}

/** In order of their names, so that a key stays in its zone whoever comes or goes. Those who say none stand under ''. */
function byZone(endpoints: readonly Endpoint[]): Zone[] {
  const zones = new Map<string, Endpoint[]>()
  for (const endpoint of endpoints) {
    const { zone = '' } = endpoint.instance
    const members = zones.get(zone)
    if (members) members.push(endpoint)
    else zones.set(zone, [endpoint])
  }
  return [...zones]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => ({ name, endpoints: members }))
}
