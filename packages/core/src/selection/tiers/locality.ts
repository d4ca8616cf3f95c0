import type { Instance } from '../../instance.js'
import type { Endpoint } from '../endpoint.js'

/** Where somebody is, as far as it is known. */
export interface Locality {
  readonly zone: string | undefined
  readonly region: string | undefined
  readonly datacenter: string | undefined
}

/** Where the caller is, and the other datacenters it prefers, the best first. */
export interface Here extends Locality {
  readonly datacenters: readonly string[]
}

/**
 * An instance says its zone in a field of its own, its region in `metadata.region` and its datacenter in
 * `metadata.datacenter`, or `metadata.dc` if that is missing. Empty texts count as unknown.
 */
export function localityOf({ zone, metadata }: Instance): Locality {
  return {
    zone: known(zone),
    region: known(metadata['region']),
    datacenter: known(metadata['datacenter']) ?? known(metadata['dc']),
  }
}

/** Endpoints of one priority. */
export interface Level {
  /** As explanations call it; stable, whichever other levels there are. */
  readonly name: string
  readonly endpoints: readonly Endpoint[]
}

/**
 * The endpoints by nearness: `own zone`; `own region`; `own datacenter`; the preferred datacenters in their order
 * (`datacenter eu`); `own region elsewhere`, in another datacenter that is not among them; `elsewhere`. Empty levels
 * are left out, so that a caller who knows only its zone has two at most.
 *
 * Who doesn't say where it is, is not near. A name that means two places is told apart by what both sides say of the
 * places around it: zone `a` in `eu` is not `a` in `us`. So regions may lie within datacenters, or these within regions.
 */
export function levelsOf(endpoints: readonly Endpoint[], here: Here): Level[] {
  const preferred = here.datacenters.map((name) => `datacenter ${name}`)
  const names = [
    'own zone',
    'own region',
    'own datacenter',
    ...preferred,
    'own region elsewhere',
    'elsewhere',
  ]
  const lists: Endpoint[][] = names.map(() => [])
  for (const endpoint of endpoints) lists[distance(localityOf(endpoint.instance), here)]!.push(endpoint)
  const levels = names.map((name, i) => ({ name, endpoints: lists[i]! }))
  return levels.filter((level) => level.endpoints.length > 0)
}

/** The place of its level: three near ones, one for each preferred datacenter, two far ones. */
function distance(there: Locality, here: Here): number {
  const isElsewhere = differs(there.datacenter, here.datacenter)
  const isInRegion = isSame(there.region, here.region)
  if (!isElsewhere && isSame(there.zone, here.zone) && !differs(there.region, here.region)) return 0
  if (!isElsewhere && isInRegion) return 1
  if (isSame(there.datacenter, here.datacenter)) return 2
  const place = there.datacenter === undefined ? -1 : here.datacenters.indexOf(there.datacenter)
  if (place >= 0) return 3 + place
  return here.datacenters.length + (isInRegion ? 3 : 4)
}

function isSame(there: string | undefined, here: string | undefined): boolean {
  return there !== undefined && there === here
}

function differs(there: string | undefined, here: string | undefined): boolean {
  return there !== undefined && here !== undefined && there !== here
}

function known(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
