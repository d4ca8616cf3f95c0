import type { RawClient } from './raw-client.js'
import { RawConsul } from './consul.js'
import { RawEtcd } from './etcd.js'
import { RawZooKeeper } from './zookeeper.js'

export { markKey, type RawClient, type Seen } from './raw-client.js'

/** The stores that are measured, and what stands for each store's usual client. */
export const raw: Readonly<Record<Kind, (port: number) => RawClient>> = {
  consul: (port) => new RawConsul(port),
  etcd: (port) => new RawEtcd(port),
  zookeeper: (port) => new RawZooKeeper(port),
}

export const kinds = ['consul', 'etcd', 'zookeeper'] as const
export type Kind = (typeof kinds)[number]
