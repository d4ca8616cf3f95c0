import fc from 'fast-check'
import { ManualClock } from '@rollcall/testing'
import type { InstanceRecord } from '../../../src/instance.js'
import { xorshift32 } from '../../../src/random.js'
import type { BalancerPlan } from '../../../src/selection/balancers/balancer.js'
import type { ChoiceReason, Chooser, ChooserTools } from '../../../src/selection/balancers/chooser.js'
import { Endpoint } from '../../../src/selection/endpoint.js'
import { instance } from '../helpers.js'

export function endpoint(id: string, fields: Partial<InstanceRecord> = {}): Endpoint {
  return new Endpoint(instance(id, fields))
}

/** `i0`, `i1` …, each with its weight. */
export function endpoints(weights: readonly number[]): Endpoint[] {
  return weights.map((weight, i) => endpoint(`i${i}`, { weight }))
}

export function equals(n: number): Endpoint[] {
  return endpoints(Array.from({ length: n }, () => 1))
}

export function keysOf(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `key-${i}`)
}

export function chooserOf(plan: BalancerPlan, tools: Partial<ChooserTools> = {}): Chooser {
  return plan.make({ clock: new ManualClock(), random: xorshift32(7), inFlight: () => 0, ...tools })
}

/** The id that each key goes to. */
export function owners(choose: Chooser, candidates: readonly Endpoint[], keys: readonly string[]): string[] {
  return keys.map((key) => candidates[choose(candidates, key)]!.instance.id)
}

/** The keys that moved though their owner stayed, or stayed though it left. */
export function astray(before: readonly string[], after: readonly string[], gone: string): number[] {
  return before.flatMap((id, i) => ((after[i] === id) === (id === gone) ? [i] : []))
}

export function countsOf<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

/** What is noted of one choice. */
export function reasons(
  choose: Chooser,
  candidates: readonly Endpoint[],
  key?: string,
): { place: number; noted: ChoiceReason[] } {
  const noted: ChoiceReason[] = []
  return { place: choose(candidates, key, (reason) => noted.push(reason)), noted }
}

/** A set in some order, and one of them. */
export function setsWithOne(weights: fc.Arbitrary<number>): fc.Arbitrary<[readonly Endpoint[], Endpoint]> {
  return fc
    .uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), weight: weights }), {
      minLength: 2,
      maxLength: 24,
      selector: ({ id }) => id,
    })
    .map((all) => all.map(({ id, weight }, i) => endpoint(id, { weight, host: `10.0.0.${i}` })))
    .chain((all) => fc.tuple(fc.constant(all), fc.constantFrom(...all)))
}

/** A reordering that differs from the order it was given. */
export function turned<T>(items: readonly T[]): T[] {
  return [...items.slice(1), items[0]!].toReversed()
}
