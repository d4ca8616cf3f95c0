import {
  bracket,
  messageOf,
  readInstance,
  show,
  type Instance,
  type SkippedRecord,
} from '@rollcall/core/adapter'

/** Where the instances of a service lie: `<base>/<service>/`. */
export function servicePrefix(base: string, service: string): string {
  return `${base}/${service}/`
}

/** The key of an instance: `<base>/<service>/<id>`. An id may hold a slash; a key's last part may not. */
export function keyOf(base: string, { service, id }: Pick<Instance, 'service' | 'id'>): string {
  return servicePrefix(base, service) + id.replaceAll('%', '%25').replaceAll('/', '%2F')
}

/** The service that a key under the base belongs to; undefined for a key of another shape. */
export function serviceOf(base: string, key: string): string | undefined {
  const [service, id, ...more] = key.slice(base.length + 1).split('/')
  return service && id && more.length === 0 ? service : undefined
}

/**
 * An instance as etcd's own gRPC naming package stores it. Go's reader takes `Addr`, and hands `Metadata` on as it is,
 * so that all else of ours stands in there.
 */
export function toValue(instance: Instance): string {
  const { scheme, weight, status, zone, version, tags, metadata, incarnation, registeredAt } = instance
  const Metadata = { scheme, weight, status, zone, version, tags, metadata, incarnation, registeredAt }
  return JSON.stringify({ Addr: `${bracket(instance.host)}:${instance.port}`, Metadata })
}

/** Reads a record that anybody may have written under a service's prefix. */
export function readRecord(
  base: string,
  service: string,
  key: string,
  value: string,
): Instance | SkippedRecord {
  try {
    const id = key.slice(servicePrefix(base, service).length)
    if (id.includes('/')) throw new Error('its key has a slash too many: it may belong to another service')
    return fromValue(service, id.replaceAll(/%(25|2F)/gi, decodeURIComponent), value)
  } catch (error) {
    return { key, reason: messageOf(error) }
  }
}

/** The incarnation in a record; empty when it has none or can't be read. */
export function incarnationOf(value: string): string {
  try {
    const { incarnation } = fieldsOf(parse(value)['Metadata'])
    return typeof incarnation === 'string' ? incarnation : ''
  } catch {
    return ''
  }
}

function fromValue(service: string, id: string, value: string): Instance {
  const record = parse(value)
  const { host, port } = addressOf(record['Addr'])
  const fields = fieldsOf(record['Metadata'])
  // Other writers know no field `metadata`: what they wrote is all metadata.
  const metadata = isObject(fields['metadata']) ? fields['metadata'] : fields
  return readInstance({ ...fields, service, id, host, port, metadata })
}

function parse(value: string): Fields {
  let record: unknown
  try {
    record = JSON.parse(value)
  } catch {
    throw new Error('its value is no JSON')
  }
  if (!isObject(record)) throw new Error('its value is no JSON object')
  return record
}

function addressOf(address: unknown): { host: string; port: number } {
  const match = typeof address === 'string' && /^(?:\[([^\]]+)\]|([^:/]+)):(\d+)$/.exec(address)
  if (!match)
    throw new Error(`its Addr is ${address === undefined ? 'missing' : show(address)}, not host:port`)
  return { host: (match[1] ?? match[2])!, port: Number(match[3]) }
}

type Fields = Readonly<Record<string, unknown>>

/** Go writes `null`, and others whatever their language makes JSON of. */
function fieldsOf(metadata: unknown): Fields {
  return isObject(metadata) ? metadata : {}
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
