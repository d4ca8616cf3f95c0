import { show } from './options.js'

/** `up` takes calls; `draining` finishes those it has; `down` takes none and is kept for explanations. */
export type InstanceStatus = 'up' | 'draining' | 'down'

/** One running copy of a service as its store describes it: immutable plain data. */
export interface Instance {
  readonly service: string
  readonly id: string
  readonly host: string
  readonly port: number
  readonly scheme: string
  /** `scheme://host:port`, derived; IPv6 hosts in brackets. */
  readonly url: string
  /** Share of calls relative to the others, 0 to 65535; 0 takes calls only when nobody else can. */
  readonly weight: number
  readonly status: InstanceStatus
  readonly zone?: string
  readonly version?: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  /** One start of this instance; sorts by start. Empty when the writer knows no incarnations. */
  readonly incarnation: string
  /** Milliseconds since 1970 when it was announced; 0 when unknown. */
  readonly registeredAt: number
}

/** What a codec found in a record, before anything is known about its sanity. */
export interface InstanceRecord {
  service: string
  id: unknown
  host: unknown
  port: unknown
  scheme?: unknown
  weight?: unknown
  status?: unknown
  zone?: unknown
  version?: unknown
  tags?: unknown
  metadata?: unknown
  incarnation?: unknown
  registeredAt?: unknown
}

export const maxWeight = 65_535

const statuses: readonly unknown[] = ['up', 'draining', 'down'] satisfies InstanceStatus[]

/**
 * Makes an instance of a record that anybody may have written: what can be used is used, what is odd gets its
 * default. Throws an Error whose message is the reason when host, port or id make it unusable; an adapter puts
 * that record among the `skipped`.
 */
export function readInstance(record: InstanceRecord): Instance {
  const { service } = record
  const id = text(record.id)
  const host = text(record.host)
  const port = typeof record.port === 'string' ? Number(record.port) : record.port
  if (!id) throw new Error('it has no id')
  if (!host) throw new Error('it has no host')
  if (!isPort(port))
    throw new Error(`its port is ${record.port === undefined ? 'missing' : show(record.port)}`)
  const scheme = text(record.scheme) ?? 'http'
  const zone = text(record.zone)
  const version = text(record.version)
  return Object.freeze({
    service,
    id,
    host,
    port,
    scheme,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    weight: isWeight(record.weight) ? record.weight : 1,
    status: statuses.includes(record.status) ? (record.status as InstanceStatus) : 'up',
    ...(zone !== undefined && { zone }),
    ...(version !== undefined && { version }),
    tags: Object.freeze(readTags(record.tags)),
    metadata: Object.freeze(readMetadata(record.metadata)),
    incarnation: text(record.incarnation) ?? '',
    registeredAt: Number.isFinite(record.registeredAt) ? (record.registeredAt as number) : 0,
  })
}

/** The same instance with some fields replaced. */
export function withFields(instance: Instance, fields: Partial<InstanceRecord>): Instance {
  return readInstance({ ...instance, ...fields })
}

/** Whether two descriptions of an instance say the same. */
export function sameInstance(a: Instance, b: Instance): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.incarnation === b.incarnation &&
      a.url === b.url &&
      a.weight === b.weight &&
      a.status === b.status &&
      a.zone === b.zone &&
      a.version === b.version &&
      a.registeredAt === b.registeredAt &&
      a.service === b.service &&
      sameList(a.tags, b.tags) &&
      sameMetadata(a.metadata, b.metadata))
  )
}

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535
}

export function isWeight(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxWeight
}

export function isStatus(value: unknown): value is InstanceStatus {
  return statuses.includes(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function readTags(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((tag) => typeof tag === 'string') : []
}

function readMetadata(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const pairs = Object.entries(value).filter(([, v]) => v !== null && v !== undefined)
  return Object.fromEntries(pairs.map(([key, v]) => [key, typeof v === 'string' ? v : JSON.stringify(v)]))
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

function sameMetadata(a: Instance['metadata'], b: Instance['metadata']): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
