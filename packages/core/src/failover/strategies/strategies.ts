import type { StrategyName } from '../call-options.js'
import type { Run } from '../run.js'
import { available } from './available.js'
import { broadcast } from './broadcast.js'
import { failback } from './failback.js'
import { failfast } from './failfast.js'
import { failover } from './failover.js'
import { failsafe } from './failsafe.js'
import { forking } from './forking.js'
import { hedging } from './hedging.js'

/** What a call does about failure. */
export type Strategy = <T>(run: Run<T>) => Promise<T>

export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  failover,
  failfast,
  failsafe,
  failback,
  forking,
  hedging,
  broadcast,
  available,
}
