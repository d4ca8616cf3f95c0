import { RollcallError, messageOf } from '../../errors.js'
import type { Instance } from '../../instance.js'
import { show } from '../../options.js'
import type { Endpoint } from '../endpoint.js'
import type { Level } from './locality.js'

/**
 * The endpoints by a user's own ranks, the lowest number first. Whoever gets no rank, as the function throws or returns
 * no number for it, comes last, and `report` is told: that a snapshot arrives is no moment to throw at anybody.
 */
export function ranked(
  endpoints: readonly Endpoint[],
  priority: (instance: Instance) => number,
  report: (error: RollcallError) => void,
): Level[] {
  const byRank = new Map<number, Endpoint[]>()
  for (const endpoint of endpoints) {
    const rank = rankOf(endpoint.instance, priority, report)
    const members = byRank.get(rank)
    if (members) members.push(endpoint)
    else byRank.set(rank, [endpoint])
  }
  return [...byRank]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([rank, members]) => ({
      name: rank === Infinity ? 'no priority' : `priority ${rank}`,
      endpoints: members,
    }))
}

function rankOf(
  instance: Instance,
  priority: (instance: Instance) => number,
  report: (error: RollcallError) => void,
): number {
  const wrong = (what: string, cause?: unknown): number => {
    const message = `Option priority ${what} for ${instance.id}: it must return a number.`
    report(new RollcallError('BAD_OPTION', message, cause === undefined ? undefined : { cause }))
    return Infinity
  }
  try {
    const rank: unknown = priority(instance)
    return typeof rank === 'number' && Number.isFinite(rank) ? rank : wrong(`returned ${show(rank)}`)
  } catch (error) {
    return wrong(`threw "${messageOf(error)}"`, error)
  }
}
