import type { Clock } from './clock.js'
import type { Instance } from './instance.js'
import type { Random } from './random.js'

/**
 * Names one start of an instance: its start time in base 36, nine digits (good until the year 5188), then eight
 * random hexadecimal digits. Plain string order is order of start.
 */
export function createIncarnation(clock: Clock, random: Random): string {
  const time = clock.wall().toString(36).padStart(9, '0')
  const chance = (random() >>> 0).toString(16).padStart(8, '0')
  return `${time}-${chance}`
}

/** Whether `mine` must give way to `theirs`. A record without an incarnation is older than any with one. */
export function isNewer(theirs: string, mine: string): boolean {
  return theirs > mine
}

/** The instances by id; of two with one id the newer incarnation, of equals the first. */
export function newestById(instances: readonly Instance[]): Map<string, Instance> {
  const byId = new Map<string, Instance>()
  for (const instance of instances) {
    const other = byId.get(instance.id)
    if (!other || isNewer(instance.incarnation, other.incarnation)) byId.set(instance.id, instance)
  }
  return byId
}
