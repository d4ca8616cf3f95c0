import { badOption, show } from '../../options.js'
import type { Here } from './locality.js'
import { settingsOf } from '../../settings.js'

/** Where the caller is, and whom it prefers. What is left out counts as unknown. */
export interface LocalityOptions {
  /** The zone of this process, compared with an instance's `zone`. */
  zone?: string
  /** Its region, compared with `metadata.region`. */
  region?: string
  /** Its datacenter, compared with `metadata.datacenter` or `metadata.dc`. */
  datacenter?: string
  /** Where to go after the own datacenter, the best first; those not named come last, all alike. */
  datacenters?: readonly string[]
  /**
   * How many callers each zone has, in any unit. With it, zones are no levels: calls stay in the own zone as far as no
   * instance gets more than its part by that.
   */
  callers?: Readonly<Record<string, number>>
  /** With fewer healthy endpoints than this, 6 by default, `callers` is not looked at, and zones don't matter. */
  minEndpoints?: number
}

/** What `locality` takes; documentation and checks are made of it. */
export const localityOptions = {
  zone: { type: 'string', about: 'the zone of this process' },
  region: { type: 'string', about: 'the region of this process' },
  datacenter: { type: 'string', about: 'the datacenter of this process' },
  datacenters: { type: 'list', default: [], about: 'where to go after the own datacenter, the best first' },
  callers: { type: 'value', about: 'how many callers each zone has: `{ a: 3, b: 2 }`' },
  minEndpoints: {
    type: 'number',
    integer: true,
    min: 0,
    max: 1_000_000,
    default: 6,
    about: 'with fewer healthy endpoints, callers are not looked at',
  },
} as const

export interface LocalityPolicy {
  /** What makes the levels: without the zone where `zones` reckons with it. */
  readonly here: Here
  /** Zones as shares within a level; undefined where they are levels, or unknown. */
  readonly zones: ZonePolicy | undefined
}

export interface ZonePolicy {
  readonly own: string
  readonly callers: ReadonlyMap<string, number>
  readonly minEndpoints: number
}

/** Throws BAD_OPTION and UNKNOWN_OPTION. */
export function localityPolicy(options: LocalityOptions, option = 'locality'): LocalityPolicy {
  const { zone, region, datacenter, datacenters, callers, minEndpoints } = settingsOf(
    option,
    localityOptions,
    options,
  )
  checkNames(`${option}.datacenters`, datacenters)
  const here = { zone, region, datacenter, datacenters: [...datacenters] }
  if (callers === undefined) return { here, zones: undefined }
  const counts = checkCallers(`${option}.callers`, callers)
  if (zone === undefined) {
    throw badOption(`${option}.callers`, `is given without ${option}.zone`, 'say which zone is your own')
  }
  return { here: { ...here, zone: undefined }, zones: { own: zone, callers: counts, minEndpoints } }
}

function checkNames(option: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (name === '') throw badOption(option, 'holds an empty text', 'give names of datacenters')
    if (seen.has(name)) throw badOption(option, `names ${show(name)} twice`, 'name each once')
    seen.add(name)
  }
}

function checkCallers(option: string, callers: unknown): Map<string, number> {
  if (typeof callers !== 'object' || callers === null || Array.isArray(callers)) {
    throw badOption(option, `is ${show(callers)}`, 'give an object such as { a: 3, b: 2 }')
  }
  const counts = Object.entries(callers)
  for (const [zone, count] of counts) {
    if (!Number.isFinite(count) || count < 0) {
      throw badOption(`${option}.${zone}`, `is ${show(count)}`, 'give a number of callers, 0 or more')
    }
  }
  return new Map(counts)
}
