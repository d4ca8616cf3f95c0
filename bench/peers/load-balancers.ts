import type { Instance } from '@rollcall/core/adapter'

/** Two drawn, and the one chosen less often before: calls under way are not known to it. */
export async function twoChoices(set: readonly Instance[]): Promise<() => unknown> {
  const { P2cBalancer } = await import('load-balancers')
  const balancer = new P2cBalancer(set.length)
  return () => set[balancer.pick()]
}

export async function drawn(set: readonly Instance[]): Promise<() => unknown> {
  const { RandomBalancer } = await import('load-balancers')
  const balancer = new RandomBalancer(set.length)
  return () => set[balancer.pick()]
}
