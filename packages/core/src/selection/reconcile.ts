import type { Instance } from '../instance.js'
import { Endpoint, sameIdentity, sameStart } from './endpoint.js'

/**
 * The endpoints of a new snapshot, in its order: those known by id, incarnation and address keep what was learned
 * and take over the new description as of `now`, the others start afresh, born at `bornAt`. `held` are the ids that the store's last
 * listing lacks.
 *
 * Returns `previous` itself when nothing at all differs. Only endpoints of `previous` are written to.
 */
export function reconcile(
  previous: readonly Endpoint[],
  instances: readonly Instance[],
  held: ReadonlySet<string>,
  bornAt: (instance: Instance) => number = () => 0,
  now = 0,
): readonly Endpoint[] {
  const find = finder(previous)
  let same = previous.length === instances.length
  const endpoints = instances.map((instance, i) => {
    const known = find(instance)
    if (!known || known !== previous[i] || known.instance !== instance) same = false
    const endpoint = known ?? new Endpoint(instance, bornAt(instance))
    const isHeld = held.size > 0 && held.has(instance.id)
    if (endpoint.held !== isHeld) same = false
    endpoint.describe(instance, isHeld, now)
    return endpoint
  })
  return same ? previous : endpoints
}

/**
 * Looks behind the last one found first: listings mostly keep their order, and one that came or went shifts the rest.
 * Only what is not there needs the index, which costs more than all the rest.
 */
function finder(previous: readonly Endpoint[]): (instance: Instance) => Endpoint | undefined {
  let next = 0
  let lookUp: ((instance: Instance) => number | undefined) | undefined
  return (instance) => {
    const expected = previous[next]
    if (expected && sameIdentity(expected.instance, instance)) return previous[next++]
    lookUp ??= indexOf(previous)
    const at = lookUp(instance)
    if (at === undefined || !sameStart(previous[at]!.instance, instance)) return undefined
    next = at + 1
    return previous[at]
  }
}

function indexOf(previous: readonly Endpoint[]): (instance: Instance) => number | undefined {
  const byId = new Map<string, number>()
  for (let i = 0; i < previous.length; i++) byId.set(previous[i]!.instance.id, i)
  if (byId.size === previous.length) return (instance) => byId.get(instance.id)
  // Two Consul agents may each have an instance of one id: rare, so that only then the longer key is built.
  const byIdentity = new Map(previous.map((endpoint, i) => [identityOf(endpoint.instance), i]))
  return (instance) => byIdentity.get(identityOf(instance))
}

function identityOf({ id, incarnation, url }: Instance): string {
  return `${url} ${incarnation} ${id}`
}
