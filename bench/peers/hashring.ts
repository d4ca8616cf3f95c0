import type { Instance } from '@rollcall/core/adapter'
import type HashRing from 'hashring'
import { keyWalk } from '../keys.js'

/** Its cache answers repeated keys from a map, which is another question. */
export async function hashringOf(set: readonly Instance[]): Promise<HashRing> {
  const { default: Ring } = await import('hashring')
  return new Ring(
    set.map(({ id }) => id),
    'md5',
    { 'max cache size': 1 },
  )
}

export async function hashring(set: readonly Instance[]): Promise<() => unknown> {
  const ring = await hashringOf(set)
  const byId = new Map(set.map((instance) => [instance.id, instance]))
  const key = keyWalk()
  return () => byId.get(ring.get(key()))
}
