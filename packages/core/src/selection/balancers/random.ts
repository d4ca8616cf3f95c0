import { below } from '../../random.js'
import type { BalancerPlan } from './balancer.js'

/** Gives everyone the same chance; weights don't matter. */
export function random(): BalancerPlan {
  return {
    name: 'random',
    make: ({ random: chance }) => {
      return (candidates, _key, note) => {
        note?.({ balancer: 'random', because: 'drawn at random' })
        return below(chance, candidates.length)
      }
    },
  }
}
