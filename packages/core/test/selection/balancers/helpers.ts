import { ManualClock } from '@rollcall/testing'
import { xorshift32 } from '../../../src/random.js'
import type { BalancerPlan } from '../../../src/selection/balancers/balancer.js'
import type { ChoiceReason, Chooser, ChooserTools } from '../../../src/selection/balancers/chooser.js'
import { Endpoint } from '../../../src/selection/endpoint.js'
import { instance } from '../helpers.js'

/** Endpoints a, b, c … of these weights. */
export function endpoints(weights: readonly number[], bornAt = 0): Endpoint[] {
  return weights.map((weight, i) => endpoint(nameOf(i), weight, bornAt))
}

export function endpoint(id: string, weight = 1, bornAt = 0): Endpoint {
  return new Endpoint(instance(id, { weight }), bornAt)
}

/** A chooser of a plan, and what it needs. A clock that must not be read is the default. */
export function chooserOf(plan: BalancerPlan, tools: Partial<ChooserTools> = {}): Chooser {
  return plan.make({ clock: forbiddenClock(), random: xorshift32(42), inFlight: () => 0, ...tools })
}

/** How often each of them was chosen in `picks` picks. */
export function counts(choose: Chooser, all: readonly Endpoint[], picks: number): number[] {
  const seen = all.map(() => 0)
  for (let i = 0; i < picks; i++) seen[choose(all, undefined)]!++
  return seen
}

/** The ids of so many picks, in order. */
export function order(choose: Chooser, all: readonly Endpoint[], picks: number): string {
  return Array.from({ length: picks }, () => all[choose(all, undefined)]!.instance.id).join(' ')
}

/** What is noted at one choice. */
export function reasons(choose: Chooser, all: readonly Endpoint[], key?: string): ChoiceReason[] {
  const noted: ChoiceReason[] = []
  choose(all, key, (reason) => noted.push(reason))
  return noted
}

/** Whether `seen` of `draws` fits the chance `p`, within so many standard deviations. */
export function fits(seen: number, draws: number, p: number, deviations = 5): boolean {
  return Math.abs(seen - draws * p) <= 1 + deviations * Math.sqrt(draws * p * (1 - p))
}

function forbiddenClock(): ManualClock {
  const clock = new ManualClock()
  clock.now = () => {
    throw new Error('a pick read the clock')
  }
  return clock
}

function nameOf(i: number): string {
  return i < 26 ? String.fromCharCode(97 + i) : `e${i}`
}
