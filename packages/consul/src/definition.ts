import {
  badOption,
  defineAdapter,
  loadTls,
  tlsOptions,
  type Adapter,
  type AdapterContext,
  type AdapterDefinition,
  type BackendUrl,
  type OptionsOf,
} from '@rollcall/core/adapter'
import { ConsulAdapter } from './consul-adapter.js'
import { ConsulWire } from './wire/consul-wire.js'
import { adoptClient, isConsulClient, lacksOf, openConnection, type Connection } from './wire/connection.js'

const options = {
  token: {
    type: 'string',
    secret: true,
    about: 'ACL token, with service:write to announce, service:read and node:read to discover',
  },
  datacenter: {
    type: 'string',
    about: "datacenter to discover in, if not the agent's own; announcing is always to the agent",
  },
  waitMs: {
    type: 'number',
    default: 10_000,
    min: 100,
    max: 600_000,
    about: 'how long Consul holds back an answer while nothing changes',
  },
  stale: { type: 'boolean', default: false, about: 'let any server answer reads, also one without a leader' },
  client: { type: 'value', about: 'a client of the package consul to use; it is never closed' },
  ...tlsOptions,
} as const
type ConsulOptions = OptionsOf<typeof options>

/** Rollcall on a Consul agent: `consul://host:8500`, `consul+tls://host:8501`. */
export const consul: AdapterDefinition = defineAdapter({
  schemes: ['consul'],
  accepts: { hosts: 'one', defaultPort: 8500, path: false, userinfo: false, tls: true },
  options,
  open,
})

function open(url: BackendUrl, given: ConsulOptions, context: AdapterContext): Adapter {
  const { client, datacenter, stale, waitMs } = given
  const opened = client === undefined ? connection(url, given) : adopt(url, given, context)
  const query = { ...(datacenter !== undefined && { dc: datacenter }), ...(stale && { stale: 'true' }) }
  return new ConsulAdapter(new ConsulWire(opened), { waitMs, query })
}

function connection(url: BackendUrl, given: ConsulOptions): Connection {
  const [at = { host: '127.0.0.1', port: 8500 }] = url.hosts
  return openConnection(at, loadTls(url.tls, given), given.token)
}

function adopt(url: BackendUrl, given: ConsulOptions, context: AdapterContext): Connection {
  const { client } = given
  if (!isConsulClient(client))
    throw badOption('client', 'is no client of the package consul', 'pass new Consul()')
  if (url.hosts.length > 0 || url.tls)
    throw badOption('client', 'has an address of its own', 'write consul: as the URL')
  const told = (['token', ...Object.keys(tlsOptions)] as (keyof ConsulOptions)[]).find(
    (name) => given[name] !== undefined,
  )
  if (told !== undefined) throw badOption(told, 'stands beside client', 'give it to that client')
  const lacks = lacksOf(client)
  if (lacks !== undefined) context.warn(lacks)
  return adoptClient(client)
}
