import type { Capabilities, Instance } from '@rollcall/core/adapter'
import { show } from './rule-broken.js'

const always = [
  'service',
  'id',
  'host',
  'port',
  'scheme',
  'url',
  'zone',
  'version',
  'tags',
  'incarnation',
  'registeredAt',
] as const

/** In which fields an instance came back other than it was written, of those that the store can keep. */
function differences(written: Instance, read: Instance, capabilities: Capabilities): string[] {
  const { weights, metadata, status } = capabilities
  const fields: (keyof Instance)[] = [...always]
  if (weights) fields.push('weight')
  if (metadata) fields.push('metadata')
  if (status) fields.push('status')
  return fields
    .filter((field) => canonical(written[field]) !== canonical(read[field]))
    .map((field) => `${field} was written as ${show(written[field])} and read as ${show(read[field])}`)
}

/** In what way the listed set is not the expected one; empty when it is. */
export function setDifferences(
  expected: readonly Instance[],
  listed: readonly Instance[],
  capabilities: Capabilities,
): string[] {
  const problems = expected.flatMap((instance) => {
    const found = listed.filter(({ id }) => id === instance.id)
    if (found.length !== 1) return [`${instance.id} is listed ${found.length} times`]
    return differences(instance, found[0]!, capabilities).map((text) => `${instance.id}: ${text}`)
  })
  const known = new Set(expected.map(({ id }) => id))
  const strangers = listed
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => `${id} is listed and should not be`)
  return [...problems, ...strangers]
}

// Metadata has no order.
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value) ?? 'absent'
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
