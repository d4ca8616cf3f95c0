import {
  badOption,
  bracket,
  loadTls,
  tlsOptions,
  type AdapterContext,
  type BackendUrl,
  type OptionsOf,
} from '@rollcall/core/adapter'
import { Cluster } from './cluster.js'
import { handedIn } from './handed-in.js'
import { Member } from './member.js'
import type { Login } from './token.js'

const own = {
  username: { type: 'string', about: 'user of etcd, if not in the URL' },
  password: { type: 'string', secret: true, about: "the user's password, if not in the URL" },
  client: { type: 'value', about: 'an Etcd3 client of your own instead of hosts, user and TLS; stays open' },
} as const

export type ClusterOptions = typeof own & typeof tlsOptions

/** How to reach etcd, beside what the URL says. */
export const clusterOptions: ClusterOptions = { ...own, ...tlsOptions }

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

function loginOf(url: BackendUrl, given: Given): Login | undefined {
  const username = either('username', url.username, given.username)
  const password = either('password', url.password, given.password)
  if (username === undefined && password === undefined) return undefined
  if (username === undefined)
    throw badOption('password', 'stands alone', 'give username and password together')
  if (password === undefined)
    throw badOption('username', 'stands alone', 'give username and password together')
  return { username, password }
}

function either(name: string, inUrl: string | undefined, inOptions: string | undefined): string | undefined {
  if (inUrl === undefined || inOptions === undefined) return inUrl ?? inOptions
  throw badOption(name, 'stands in the URL and in the options', 'give it once')
}

function clientOf(url: BackendUrl, given: Given, context: AdapterContext): Member {
  const other = Object.keys(given).find((name) => name !== 'client')
  const inUrl =
    url.hosts.length > 0 ? 'a host in the URL' : url.username === undefined ? undefined : 'a user in the URL'
  const known = other ?? inUrl ?? (url.tls ? '+tls' : undefined)
  if (known) throw badOption('client', `stands beside ${known}, which it knows already`, 'give one of them')
  const { client, lacks } = handedIn(given.client)
  if (lacks.length > 0) context.warn(`The etcd client that was handed in ${lacks.join('; ')}.`)
  return new Member(client)
}
