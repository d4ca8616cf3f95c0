import type { Snapshot } from './discovery/snapshot.js'
import { RollcallError } from './errors.js'
import type { Exclusion } from './selection/explanation.js'
import type { Selector } from './selection/selector.js'
import type { NoPick } from './selection/selection.js'

/** What a view's errors speak of. */
interface Subject {
  readonly service: string
  /** The registry's, without secrets. */
  readonly url: string
}

/** As many as one can read. */
const mostTold = 10

export function viewClosed({ service }: Subject): RollcallError {
  return new RollcallError('CLOSED', `This view of ${service} is closed: ask the registry for a new one.`)
}

/** @param failure why the store can't be asked, if it can't */
export function notReady({ service, url }: Subject, failure: Error | undefined): RollcallError {
  const why = failure ? ` (${failure.message})` : ''
  return new RollcallError('NOT_READY', `${url} has not listed ${service} yet${why}: await ready() first.`)
}

/** NO_INSTANCES, with why each was left out, or OVERLOADED. */
export function noPick(
  subject: Subject,
  why: NoPick,
  selector: Selector,
  snapshot: Snapshot | undefined,
  ageMs: number | undefined,
): RollcallError {
  return why === 'nobody' ? nobody(subject, selector, snapshot, ageMs) : overloaded(subject, selector)
}

function nobody(
  { service, url }: Subject,
  selector: Selector,
  snapshot: Snapshot | undefined,
  ageMs: number | undefined,
): RollcallError {
  const excluded = selector.exclusions()
  const who =
    excluded.length === 0 ? 'the set is empty' : `none of ${excluded.length} can be called: ${told(excluded)}`
  const state = `${snapshot?.state} snapshot ${snapshot?.version}, ${ageMs} ms old`
  return new RollcallError('NO_INSTANCES', `${url} has no instance of ${service} (${state}): ${who}.`)
}

/** The first few one by one, the others counted by their reasons. */
function told(excluded: readonly Exclusion[]): string {
  const first = excluded.slice(0, mostTold).map(({ id, reason }) => `${id} ${reason}`)
  const others = excluded.slice(mostTold)
  if (others.length === 0) return first.join(', ')
  const counts = new Map<string, number>()
  for (const { reason } of others) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`)
  return `${first.join(', ')} and ${others.length} more (${reasons.join(', ')})`
}

/** One endpoint's own OVERLOADED, for who asks for that very one. */
export function noRoom(id: string, { maxInFlight }: Selector): RollcallError {
  const message = `${id} has ${maxInFlight} calls under way, as many as maxInFlight allows: try later, or raise it.`
  return new RollcallError('OVERLOADED', message)
}

function overloaded({ service }: Subject, selector: Selector): RollcallError {
  const { length } = selector.candidates()
  const of = length === selector.members.length ? '' : ` of ${selector.members.length}`
  return new RollcallError(
    'OVERLOADED',
    `The ${length}${of} instances of ${service} that can be called have ${selector.maxInFlight} calls under way each, as many as maxInFlight allows: try later, or raise it.`,
  )
}
