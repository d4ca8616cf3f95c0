import { defineAdapter, type AdapterDefinition } from '@rollcall/core/adapter'
import { EtcdAdapter } from './etcd-adapter.js'
import { clusterOptions, openCluster, type ClusterOptions } from './wire/open-cluster.js'
import { Store } from './wire/store.js'

/** Options of etcd's own, beside those of `connect`. */
export type EtcdOptions = ClusterOptions

/** Finds and announces instances in etcd 3.4 or newer: `etcd://user:password@host:2379,host2:2379/services`. */
export const etcd: AdapterDefinition<EtcdOptions> = defineAdapter({
  schemes: ['etcd'],
  accepts: { hosts: 'many', defaultPort: 2379, path: true, userinfo: true, tls: true },
  options: clusterOptions,
  open(url, given, context) {
    const store = new Store(openCluster(url, given, context), context.random)
    return new EtcdAdapter(store, url.path || '/services')
  },
})
