import { fraction, type Random } from '../../random.js'
import type { Endpoint } from '../endpoint.js'
import { AliasTable } from './alias-table.js'
import type { Chooser } from './chooser.js'

/** Gives chances in proportion to the weights. The table is built when an array of candidates is first met. */
export function weightedRandom(random: Random): Chooser {
  let known: readonly Endpoint[] = []
  let table = new AliasTable([])
  return (candidates) => {
    if (candidates !== known) {
      known = candidates
      table = new AliasTable(candidates.map(({ instance }) => instance.weight))
    }
    return table.at(fraction(random))
  }
}
