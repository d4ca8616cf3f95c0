import { fraction } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import { AliasTable } from './alias-table.js'
import type { BalancerPlan } from './balancer.js'
import type { Chooser, ChooserTools } from './chooser.js'
import { weightsOf } from './weights.js'

/** Gives chances in proportion to the weights. The table is built when an array of candidates is first met. */
export function weightedRandom(): BalancerPlan {
  return { name: 'weighted-random', make: drawByWeight }
}

function drawByWeight({ random }: ChooserTools): Chooser {
  let known: readonly Endpoint[] = []
  let table = new AliasTable([])
  return (candidates, _key, note) => {
    if (candidates !== known) {
      known = candidates
      table = new AliasTable(weightsOf(candidates))
    }
    note?.({ balancer: 'weighted-random', because: 'drawn in proportion to the weights' })
    return table.at(fraction(random))
  }
}
