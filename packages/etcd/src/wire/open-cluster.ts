import {
  bracket,
  loadTls,
  loginOf,
  loginOptions,
  rejectBesideClient,
  tlsOptions,
  type AdapterContext,
  type BackendUrl,
  type OptionsOf,
} from '@rollcall/core/adapter'
import { Cluster } from './cluster.js'
import { handedIn } from './handed-in.js'
import { Member } from './member.js'

const own = {
  client: { type: 'value', about: 'an Etcd3 client of your own instead of hosts, user and TLS; stays open' },
} as const

export type ClusterOptions = typeof loginOptions & typeof own & typeof tlsOptions

/** How to reach etcd, beside what the URL says. */
export const clusterOptions: ClusterOptions = { ...loginOptions, ...own, ...tlsOptions }

type Given = OptionsOf<ClusterOptions>

/** Clients for all hosts of the URL, or the one that was handed in. Contacts nothing; throws BAD_OPTION. */
export function openCluster(url: BackendUrl, given: Given, context: AdapterContext): Cluster {
  const members =
    given.client === undefined ? openMembers(url, given, context) : [clientOf(url, given, context)]
  return new Cluster(members, context.random)
}

function openMembers(url: BackendUrl, given: Given, context: AdapterContext): Member[] {
  const { serverName, ca, cert, key } = loadTls(url.tls, given) ?? {}
  const access = {
    tls: url.tls
      ? { ...(ca && { rootCertificate: ca }), ...(key && { privateKey: key, certChain: cert }) }
      : undefined,
    serverName,
    login: loginOf(url, given),
    onNoAuth: () => context.warn('etcd has no auth enabled: user and password are not used.'),
  }
  const hosts = url.hosts.length === 0 ? [{ host: 'localhost', port: 2379 }] : url.hosts
  return hosts.map(({ host, port }) => Member.open(`${bracket(host)}:${port}`, access))
}

function clientOf(url: BackendUrl, given: Given, context: AdapterContext): Member {
  rejectBesideClient(url, given, Object.keys({ ...loginOptions, ...tlsOptions }))
  const { client, lacks } = handedIn(given.client)
  if (lacks.length > 0) context.warn(`The etcd client that was handed in ${lacks.join('; ')}.`)
  return new Member(client)
}
