import type { BalancerName, StrategyName } from '@rollcall/core'
import { UsageError } from '../usage-error.js'

/** A way to call that is compared with others: a view with this balancer, calls with this strategy. */
export interface Contender {
  readonly balancer: BalancerName
  readonly strategy: StrategyName
}

// Weights being equal, `round-robin` would be `weighted` again, and `weighted-random` be `random`.
const balancers: readonly BalancerName[] = [
  'weighted',
  'random',
  'smooth-weighted',
  'least-request',
  'peak-ewma',
  'ring',
  'maglev',
  'rendezvous',
  'sticky',
]

// Not `broadcast`: that one of five fails is its answer, not its failure.
const strategies: readonly StrategyName[] = [
  'failfast',
  'failsafe',
  'failback',
  'forking',
  'hedging',
  'available',
]

/** Every balancer with the usual strategy, every other strategy with the usual balancer, and what fits together best. */
export const contenders: readonly Contender[] = [
  ...balancers.map((balancer): Contender => ({ balancer, strategy: 'failover' })),
  ...strategies.map((strategy): Contender => ({ balancer: 'weighted', strategy })),
  { balancer: 'peak-ewma', strategy: 'hedging' },
]

const quick = ['weighted/failover', 'peak-ewma/failover', 'ring/failover', 'weighted/hedging']

/** Those that a filter leaves: `peak-ewma/failover`, or one half of it. */
export function chosenContenders(only: readonly string[], isQuick: boolean): Contender[] {
  const unknown = only.find((filter) => !contenders.some((contender) => matches(contender, filter)))
  if (unknown !== undefined) {
    throw new UsageError(
      `--only ${unknown}: give one of ${contenders.map(nameOf).join(', ')}, or one half of it`,
    )
  }
  const filters = only.length > 0 ? only : isQuick ? quick : undefined
  return contenders.filter((contender) => filters?.some((filter) => matches(contender, filter)) ?? true)
}

export function nameOf({ balancer, strategy }: Contender): string {
  return `${balancer}/${strategy}`
}

function matches(contender: Contender, filter: string): boolean {
  return [contender.balancer, contender.strategy, nameOf(contender)].includes(filter)
}
