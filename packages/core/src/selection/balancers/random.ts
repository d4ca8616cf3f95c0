import { below, type Random } from '../../random.js'
import type { Balancer } from './balancer.js'

/** Gives everyone the same chance. */
export function random(chance: Random): Balancer {
  return (candidates) => candidates[below(chance, candidates.length)]
}
