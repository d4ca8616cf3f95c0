import { messageOf, readInstance, type Instance, type SkippedRecord } from '@rollcall/core/adapter'
import { nodeNameOf, ZooKeeperError, type NodeData } from './wire/index.js'

// Curator's own default, by which its readers build an instance's URI; without one they fail on null.
const uriSpec = {
  parts: ['scheme', '://', 'address', ':', 'port'].map((value) => ({ value, variable: /\w/.test(value) })),
}

/** The instance as Apache Curator's service discovery writes it; what Curator has no field for is in `rollcall`. */
export function encode(instance: Instance): Buffer {
  const { service, id, host, port, scheme, weight, status, zone, version, tags, metadata, incarnation } =
    instance
  return Buffer.from(
    JSON.stringify({
      name: service,
      id,
      address: host,
      port,
      sslPort: scheme === 'https' ? port : null,
      // Every reader casts the payload to a class of its own, and its whole list fails with one that does not fit.
      payload: null,
      rollcall: { scheme, weight, status, zone, version, tags, metadata, incarnation },
      registrationTimeUTC: instance.registeredAt,
      serviceType: 'DYNAMIC',
      uriSpec,
      enabled: status === 'up',
    }),
  )
}

/** Reads Curator's JSON, with whatever payload. Throws an Error whose message is the reason when that can't be. */
export function decode(service: string, nodeName: string, data: Buffer): Instance {
  const record = parse(data)
  const { port, sslPort } = record
  const own = ownFieldsOf(record)
  // Java's and Spring's writers put `@class` into every object, so that it stands between the pairs, too.
  const { '@class': _, ...metadata } = fieldsOf(own['metadata'])
  return readInstance({
    ...own,
    service,
    // Others may write an id beside the node's name; only the name is surely unique.
    id: typeof record['id'] === 'string' && nodeNameOf(record['id']) === nodeName ? record['id'] : nodeName,
    host: record['address'],
    port: port ?? sslPort,
    scheme: own['scheme'] ?? ((port ?? sslPort) === sslPort ? 'https' : 'http'),
    status: statusOf(record, own, metadata),
    metadata,
    registeredAt: record['registrationTimeUTC'],
  })
}

/** What a node is: an instance, or the reason why not. */
export function readNode(
  root: string,
  service: string,
  name: string,
  seen: NodeData | ZooKeeperError,
): Instance | SkippedRecord {
  try {
    if (seen instanceof ZooKeeperError) throw seen
    return decode(service, name, seen.data)
  } catch (error) {
    return { key: `${root}/${name}`, reason: messageOf(error) }
  }
}

/** The incarnation in a record; empty if it is none of ours. */
export function incarnationOf(data: Buffer): string {
  try {
    const { incarnation } = ownFieldsOf(parse(data))
    return typeof incarnation === 'string' ? incarnation : ''
  } catch {
    return ''
  }
}

/** Ours, or what others keep in the payload. */
function ownFieldsOf(record: Fields): Fields {
  return fieldsOf(record['rollcall'] ?? record['payload'])
}

function statusOf(record: Fields, own: Fields, metadata: Fields): unknown {
  if (typeof own['incarnation'] === 'string') return own['status']
  // Curator's word and Spring's for: give it no calls.
  return record['enabled'] === false || metadata['instance_status'] === 'OUT_OF_SERVICE' ? 'down' : 'up'
}

type Fields = Readonly<Record<string, unknown>>

function parse(data: Buffer): Fields & { port?: unknown; sslPort?: unknown } {
  if (data.length === 0) throw new Error('it is empty')
  try {
    return fieldsOf(JSON.parse(data.toString('utf8')))
  } catch {
    throw new Error('it is no JSON')
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
