import type { ZonePolicy } from './locality-policy.js'
import { inProportion } from './proportion.js'

/**
 * How the calls of one zone's callers spread over zones: as many as possible stay in the own zone, and yet over all
 * callers every zone gets its share by capacity. Envoy's arithmetic ("Zone aware routing"): the own zone takes all if
 * its share of the capacity is at least its share of the callers, else the part by which it covers it; the surplus
 * leaves for zones with capacity to spare, in proportion to that.
 *
 * `capacity` is what each zone can take, in any unit (healthy endpoints, or their weights); `callers` is how many
 * callers each zone has, in any unit. Those who know no zone may stand under a name of their own, such as `''`.
 *
 * Without callers in the own zone there is nothing to reckon with: by capacity then, as Envoy does. Fractions, where
 * Envoy reckons in ten-thousandths.
 *
 * The shares of all zones of `capacity` add up to 1. Where none has any, they count as equal.
 */
export function zoneLoads(
  own: string,
  capacity: ReadonlyMap<string, number>,
  callers: ReadonlyMap<string, number>,
): Map<string, number> {
  const supply = sharesOf(capacity)
  const demand = sharesOf(callers)
  if (!((callers.get(own) ?? 0) > 0)) return supply
  const kept = Math.min(1, (supply.get(own) ?? 0) / demand.get(own)!)
  const spare = [...supply].map(([zone, share]) =>
    zone === own ? 0 : Math.max(0, share - (demand.get(zone) ?? 0)),
  )
  const parts = inProportion(spare)
  return new Map([...supply.keys()].map((zone, i) => [zone, zone === own ? kept : (1 - kept) * parts[i]!]))
}

/** The same by a view's options, for a level in which so many endpoints of each zone are healthy. */
export function zoneShares(
  healthy: ReadonlyMap<string, number>,
  { own, callers, minEndpoints }: ZonePolicy,
): Map<string, number> {
  const count = [...healthy.values()].reduce((sum, each) => sum + each, 0)
  return zoneLoads(own, healthy, count >= minEndpoints ? callers : new Map())
}

function sharesOf(amounts: ReadonlyMap<string, number>): Map<string, number> {
  const shares = inProportion([...amounts.values()])
  return new Map([...amounts.keys()].map((zone, i) => [zone, shares[i]!]))
}
