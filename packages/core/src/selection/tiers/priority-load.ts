import type { OptionsOf } from '../../options.js'
import { inProportion } from './proportion.js'

/** What spill-over takes, as options of the view; documentation and checks are made of it. Envoy's defaults. */
export const priorityOptions = {
  overprovisioning: {
    type: 'number',
    default: 1.4,
    min: 1,
    max: 100,
    about: 'a level takes all of its calls until fewer than 1 / this of it are healthy',
  },
  panicThreshold: {
    type: 'number',
    default: 0.5,
    min: 0,
    max: 1,
    about: 'a level with a smaller share of healthy ones uses all; 0 turns it off',
  },
} as const

export type PriorityPolicy = OptionsOf<typeof priorityOptions>

/** The healthy ones of a level and all of it, counted by endpoints or by weight. */
export interface LevelHealth {
  readonly healthy: number
  readonly total: number
  /** Of all, those that won't be called in panic either, since they refuse connections, say; 0 by default. */
  readonly unreachable?: number
}

export interface LevelLoad {
  /** The level's share of all calls, 0 to 1. */
  readonly load: number
  /** So few are healthy, here and everywhere, that health is no longer looked at. */
  readonly panic: boolean
}

// 1.4 * 1 / 2 + 1.4 * 3 / 14 is 0.9999999999999999: what is full must not look like a little less.
const dust = 1e-9

/**
 * How the calls spread over priority levels, the first being the best: Envoy's arithmetic ("Priority levels", "Panic
 * threshold" in its documentation).
 *
 * A level's health is its healthy share times `overprovisioning`, at most 1. Each takes as much as its health says, and
 * what is left spills to the next. When all healths together are less than 1, each takes its part of that sum, and a
 * level whose healthy share is below `panicThreshold` is in panic: its calls go to all of it. When every level is, loads
 * follow the sizes of the levels. The unreachable lessen a level's health, and so what it takes, like any that are not
 * healthy; but they are no part of panic, which could not call them, nor of the sizes.
 *
 * Beside the unreachable, ours differs in this. It reckons in fractions, where Envoy cuts to whole percents and gives
 * the rest to the first healthy level, which may so get one more for each level. An empty level is never in panic and
 * never gets anything. When nobody at all is healthy, all levels are in panic whatever the threshold, where Envoy with a
 * threshold of 0 answers 503. And two rows of Envoy's panic table (50 % and 60 % healthy giving 50/50; 25 % and 100 %
 * giving 25/75) follow neither from its formula nor from its code, which give 70/30 and 35/65 as ours does.
 *
 * The loads add up to 1, but to 0 where nobody can be called.
 */
export function priorityLoads(health: readonly LevelHealth[], policy: PriorityPolicy): LevelLoad[] {
  const healths = health.map((level) => healthOf(level, policy.overprovisioning))
  const sum = healths.reduce((total, each) => total + each, 0)
  const panics = health.map((level) => sum < 1 - dust && isBelow(level, policy.panicThreshold, sum))
  const isTotal = panics.every((panic, i) => panic || callable(health[i]!) === 0)
  const loads = isTotal ? loadsBySize(health) : spill(healths, Math.min(1, sum))
  return loads.map((load, i) => ({ load, panic: panics[i]! }))
}

/** How many could be called. */
export function callable({ total, unreachable = 0 }: LevelHealth): number {
  return total - unreachable
}

function healthOf({ healthy, total }: LevelHealth, overprovisioning: number): number {
  return total > 0 ? Math.min(1, (overprovisioning * healthy) / total) : 0
}

function isBelow(level: LevelHealth, threshold: number, sum: number): boolean {
  const all = callable(level)
  return all > 0 && (sum === 0 || level.healthy / all < threshold)
}

function spill(healths: readonly number[], normalized: number): number[] {
  let left = 1
  return healths.map((health) => {
    const load = Math.min(left, health / normalized)
    left = left - load < dust ? 0 : left - load
    return load
  })
}

function loadsBySize(health: readonly LevelHealth[]): number[] {
  const sizes = health.map(callable)
  return sizes.some((size) => size > 0) ? inProportion(sizes) : sizes
}
