import type { Instance } from '@rollcall/core/adapter'
import type { BrokerNode, Context, ServiceBroker } from 'moleculer'
import { keyWalk } from '../keys.js'

const action = 'orders.get'

/** What a call asks for the next endpoint: the registry's entry, taking turns. */
export async function entry(set: readonly Instance[]): Promise<() => unknown> {
  const broker = await brokerOf(set, 'RoundRobin')
  return () => broker.findNextActionEndpoint(action)
}

/** The same by its strategy for keys, whose cache is smaller than the keys. */
export async function shard(set: readonly Instance[]): Promise<() => unknown> {
  const broker = await brokerOf(set, 'Shard')
  const key = keyWalk()
  return () => broker.findNextActionEndpoint(action, {}, asking(key()))
}

/** Of which instance the key is, by its id. */
export async function sharding(set: readonly Instance[]): Promise<(key: string) => string> {
  const broker = await brokerOf(set, 'Shard')
  return (key) =>
    (broker.findNextActionEndpoint(action, {}, asking(key)) as unknown as { readonly id: string }).id
}

async function brokerOf(set: readonly Instance[], strategy: 'RoundRobin' | 'Shard'): Promise<ServiceBroker> {
  const { default: moleculer } = await import('moleculer')
  const strategyOptions = strategy === 'Shard' ? { shardKey: 'key', cacheSize: 1 } : {}
  const broker = new moleculer.ServiceBroker({ logger: false, registry: { strategy, strategyOptions } })
  for (const { id } of set)
    broker.registry.actions.add({ id } as BrokerNode, { name: 'orders' }, { name: action })
  return broker
}

/** Of a context the strategy reads the key alone. */
const asking = (key: string): Context => ({ params: { key } }) as unknown as Context
