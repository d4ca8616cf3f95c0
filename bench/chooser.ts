import { systemClock, xorshift32 } from '@rollcall/core/adapter'
import type { BalancerPlan } from '@rollcall/core'
import { Endpoint } from '../packages/core/src/selection/endpoint.js'
import { instances } from './instances.js'

export type Chooser = ReturnType<BalancerPlan['make']>
export type Candidates = Parameters<Chooser>[0]

/** A plan's chooser, with nothing around it. */
export function chooserOf(plan: BalancerPlan): Chooser {
  return plan.make({ clock: systemClock, random: xorshift32(1), inFlight: () => 0 })
}

export function candidatesOf(size: number): Candidates {
  return instances(size).map((instance) => new Endpoint(instance))
}
