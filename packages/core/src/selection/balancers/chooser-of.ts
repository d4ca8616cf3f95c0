import { messageOf } from '../../errors.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools } from './chooser.js'
import { badBalancer } from './guarded.js'

/** A plan of the user's that can't even begin is told at every pick: a snapshot must get through all the same. */
export function chooserOf(plan: BalancerPlan, tools: ChooserTools): Chooser {
  try {
    return plan.make(tools)
  } catch (cause) {
    const error = badBalancer(`${plan.name} threw "${messageOf(cause)}" when it was made`, cause)
    return () => {
      throw error
    }
  }
}
