import { defineAdapter, type AdapterDefinition } from '@rollcall/core/adapter'
import { clientOptions, openClient, type ClientOptions } from './wire/index.js'
import { ZooKeeperAdapter } from './zookeeper-adapter.js'

/** Rollcall on ZooKeeper: `zookeeper://h1:2181,h2:2181/base`, `zookeeper+tls://…`; the base is `/services` if none is given. */
export const zookeeper: AdapterDefinition<ClientOptions> = defineAdapter({
  schemes: ['zookeeper'],
  accepts: { hosts: 'many', defaultPort: 2181, path: true, userinfo: true, tls: true },
  options: clientOptions,
  open: (url, given, context) => new ZooKeeperAdapter(openClient(url, given, context)),
})
