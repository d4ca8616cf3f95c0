import { badOption, messageOf, readInstance } from '@rollcall/core/adapter'
import type { Instance, InstanceStatus, Listing, SkippedRecord } from '@rollcall/core/adapter'

// Our own fields stand in a service's Meta, marked. Consul allows no dot in a key.
const mark = 'rollcall-'
const isOurs = (key: string): boolean => key.startsWith(mark)

/** The state of an instance's check, for readers who ask Consul for `passing` ones. Critical: it stopped renewing. */
export const checkStates: Readonly<Record<InstanceStatus, 'passing' | 'warning'>> = {
  up: 'passing',
  draining: 'warning',
  down: 'warning',
}

/**
 * An agent knows an id once, whatever the service; no service's name holds a colon. Throws BAD_OPTION for what Consul
 * registers and can't deregister: it redirects a path with an empty or a dotted segment.
 */
export function serviceIdOf({ service, id }: Instance): string {
  if (!/(^|\/)\.{0,2}(\/|$)/.test(id)) return markCapitals(`${service}:${id}`)
  throw badOption('id', `is ${JSON.stringify(id)}`, 'use no segment that is empty, "." or ".."')
}

// The catalog takes `A` and `a` for one id. Marked, they differ in more than case.
function markCapitals(text: string): string {
  return text.replaceAll(/./gsu, (char) => (char === '!' || char !== char.toLowerCase() ? `!${char}` : char))
}

/** Of one incarnation alone, so that no process renews another's check: a successor's registration removes it. */
export function checkIdOf(instance: Instance): string {
  return `rollcall:${serviceIdOf(instance)}:${instance.incarnation}`
}

/** The body of a registration. */
export function encode(instance: Instance, ttlMs: number): object {
  const taken = Object.keys(instance.metadata).find(isOurs)
  if (taken !== undefined) throw badOption('metadata', `has the key ${taken} of Rollcall's`, 'rename it')
  // Consul refuses a weight of 0: it travels in Meta.
  const weight = Math.max(instance.weight, 1)
  return {
    ID: serviceIdOf(instance),
    Name: instance.service,
    Address: instance.host,
    Port: instance.port,
    Tags: instance.tags,
    Meta: { ...instance.metadata, ...ownMeta(instance) },
    Weights: { Passing: weight, Warning: weight },
    EnableTagOverride: false,
    Check: {
      CheckID: checkIdOf(instance),
      Name: 'Rollcall TTL',
      TTL: `${ttlMs}ms`,
      Status: checkStates[instance.status],
      DeregisterCriticalServiceAfter: '1m', // Consul's least
    },
  }
}

function ownMeta(instance: Instance): Record<string, string> {
  const { incarnation, registeredAt, scheme, status, version, weight, zone } = instance
  const own = {
    incarnation,
    'registered-at': String(registeredAt),
    scheme: scheme === 'http' ? undefined : scheme,
    status: status === 'up' ? undefined : status,
    weight: weight === 0 ? '0' : undefined,
    version,
    zone,
  }
  const said = Object.entries(own).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return Object.fromEntries(said.map(([name, value]) => [mark + name, value]))
}

type Fields = Readonly<Record<string, unknown>>

/** Sorts the entries of `/health/service` into instances, lapsed and unreadable ones. */
export function decodeAll(service: string, entries: readonly unknown[]): Listing {
  const instances: Instance[] = []
  const lapsed: Instance[] = []
  const skipped: SkippedRecord[] = []
  for (const entry of entries.map(fieldsOf)) {
    const [node, record] = [fieldsOf(entry['Node']), fieldsOf(entry['Service'])]
    // Asked for `orders`, Consul lists `ORDERS` as well.
    if (record['Service'] !== undefined && record['Service'] !== service) continue
    const key = `${shown(node['Node'])}/${shown(record['ID'])}`
    try {
      const { instance, isLapsed } = decode(service, key, node, record, entry['Checks'])
      const where = isLapsed ? lapsed : instances
      where.push(instance)
    } catch (error) {
      skipped.push({ key, reason: messageOf(error) })
    }
  }
  return { instances, lapsed, skipped }
}

/** The incarnation in a service's record; undefined if it is none of ours. */
export function incarnationOf(record: unknown): string | undefined {
  const incarnation = fieldsOf(fieldsOf(record)['Meta'])[`${mark}incarnation`]
  return typeof incarnation === 'string' ? incarnation : undefined
}

function decode(
  service: string,
  key: string,
  node: Fields,
  record: Fields,
  checks: unknown,
): { instance: Instance; isLapsed: boolean } {
  const meta = fieldsOf(record['Meta'])
  const own = (name: string): unknown => meta[mark + name]
  const critical = (Array.isArray(checks) ? checks : []).map(fieldsOf).filter(isCritical)
  const id = shown(record['ID']).replaceAll(/!(.)/gsu, '$1')
  const isWrittenByUs = incarnationOf(record) !== undefined && id.startsWith(`${service}:`)
  const instance = readInstance({
    service,
    // Others' ids are unique within a node only: a static `web` may stand on every one.
    id: isWrittenByUs ? id.slice(service.length + 1) : record['ID'] && key,
    host: record['Address'] || node['Address'],
    port: record['Port'],
    scheme: own('scheme'),
    weight: own('weight') === '0' ? 0 : fieldsOf(record['Weights'])['Passing'],
    status: critical.length > 0 ? 'down' : own('status'),
    zone: own('zone'),
    version: own('version'),
    tags: record['Tags'],
    metadata: Object.fromEntries(Object.entries(meta).filter(([name]) => !isOurs(name))),
    incarnation: own('incarnation'),
    registeredAt: Number(own('registered-at') ?? 0),
  })
  // Whoever sets maintenance means it; all else may be a fault of the agent's.
  return { instance, isLapsed: critical.length > 0 && !critical.some(isMaintenance) }
}

const isCritical = (check: Fields): boolean => check['Status'] === 'critical'
const isMaintenance = (check: Fields): boolean => /^_(node|service)_maint/.test(shown(check['CheckID']))

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : '?'
}
