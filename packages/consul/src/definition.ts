import { defineAdapter, type AdapterDefinition } from '@rollcall/core/adapter'
import { ConsulAdapter } from './consul-adapter.js'
import { openWire, wireOptions, type WireOptions } from './wire/open-wire.js'

/** Rollcall on a Consul agent: `consul://host:8500`, `consul+tls://host:8501`. */
export const consul: AdapterDefinition<WireOptions> = defineAdapter({
  schemes: ['consul'],
  accepts: { hosts: 'one', defaultPort: 8500, tls: true },
  options: wireOptions,
  open: (url, given, context) => new ConsulAdapter(openWire(url, given, context)),
})
