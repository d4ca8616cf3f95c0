import {
  badOption,
  loadTls,
  rejectBesideClient,
  tlsOptions,
  type AdapterContext,
  type BackendUrl,
  type OptionsOf,
} from '@rollcall/core/adapter'
import { adoptClient, isConsulClient, lacksOf, openConnection, type Connection } from './connection.js'
import { ConsulWire } from './consul-wire.js'

const own = {
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
} as const

export type WireOptions = typeof own & typeof tlsOptions

/** How to reach and ask the agent, beside what the URL says. */
export const wireOptions: WireOptions = { ...own, ...tlsOptions }

type Given = OptionsOf<WireOptions>

/** Contacts nothing; throws BAD_OPTION. */
export function openWire(url: BackendUrl, given: Given, context: AdapterContext): ConsulWire {
  const { client, datacenter, stale, waitMs } = given
  const query = { ...(datacenter !== undefined && { dc: datacenter }), ...(stale && { stale: 'true' }) }
  const opened = client === undefined ? connection(url, given) : adopt(url, given, context)
  return new ConsulWire(opened, { waitMs, query })
}

function connection(url: BackendUrl, given: Given): Connection {
  const [at = { host: '127.0.0.1', port: 8500 }] = url.hosts
  return openConnection(at, loadTls(url.tls, given), given.token)
}

function adopt(url: BackendUrl, given: Given, context: AdapterContext): Connection {
  const { client } = given
  if (!isConsulClient(client)) {
    throw badOption('client', 'is no client of the package consul', 'pass new Consul()')
  }
  rejectBesideClient(url, given, ['token', ...Object.keys(tlsOptions)])
  const lacks = lacksOf(client)
  if (lacks !== undefined) context.warn(lacks)
  return adoptClient(client)
}
