import { below, type Random } from '../../random.js'
import type { Chooser } from './chooser.js'

/** Gives everyone the same chance. */
export function random(chance: Random): Chooser {
  return (candidates) => below(chance, candidates.length)
}
