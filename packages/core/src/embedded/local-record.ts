import { readInstance, type Instance, type InstanceRecord } from '../instance.js'
import type { ProcessIdentity } from './process-identity.js'

/** What a file holds. When it was last renewed is the file's time of modification. */
export interface LocalRecord {
  readonly instance: Instance
  readonly ttlMs: number
  readonly owner: ProcessIdentity
}

export function encodeRecord({ instance, ttlMs, owner }: LocalRecord): string {
  const { url: _, ...fields } = instance
  return `${JSON.stringify({ ...fields, ttlMs, process: owner })}\n`
}

/** Throws an Error whose message is the reason when the text can't be used. */
export function decodeRecord(service: string, text: string): LocalRecord {
  const fields = parse(text)
  const { ttlMs, process: owner } = fields
  if (typeof ttlMs !== 'number' || !(ttlMs > 0)) throw new Error('it has no ttlMs')
  return {
    instance: readInstance({ ...(fields as unknown as InstanceRecord), service }),
    ttlMs,
    owner: readOwner(owner),
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('it is no JSON')
  }
  if (typeof value !== 'object' || value === null) throw new Error('it is no JSON object')
  return value as Record<string, unknown>
}

/** Somebody else's file may name no process: then the TTL alone decides. */
function readOwner(value: unknown): ProcessIdentity {
  const { pid, started, realm } = (value ?? {}) as Partial<Record<keyof ProcessIdentity, unknown>>
  const known =
    Number.isInteger(pid) && (pid as number) > 0 && typeof started === 'string' && typeof realm === 'string'
  return known ? { pid: pid as number, started, realm } : { pid: 0, started: '', realm: '' }
}
