import {
  badOption,
  bracket,
  defineAdapter,
  loadTls,
  tlsOptions,
  type AdapterContext,
  type AdapterDefinition,
  type BackendUrl,
  type OptionsOf,
} from '@rollcall/core/adapter'
import { EtcdAdapter } from './etcd-adapter.js'
import { Cluster } from './wire/cluster.js'
import { handedIn } from './wire/handed-in.js'
import { Member } from './wire/member.js'
import { Store } from './wire/store.js'
import type { Login } from './wire/token.js'

const own = {
  username: { type: 'string', about: 'user of etcd, if not in the URL' },
  password: { type: 'string', secret: true, about: "the user's password, if not in the URL" },
  client: { type: 'value', about: 'an Etcd3 client of your own instead of hosts, user and TLS; stays open' },
} as const

export type EtcdOptions = typeof own & typeof tlsOptions

const options: EtcdOptions = { ...own, ...tlsOptions }

/** Finds and announces instances in etcd 3.4 or newer: `etcd://user:password@host:2379,host2:2379/services`. */
export const etcd: AdapterDefinition<EtcdOptions> = defineAdapter({
  schemes: ['etcd'],
  accepts: { hosts: 'many', defaultPort: 2379, path: true, userinfo: true, tls: true },
  options,
  open(url, given, context) {
    const members =
      given.client === undefined ? openMembers(url, given, context) : [clientOf(url, given, context)]
    return new EtcdAdapter(
      new Store(new Cluster(members, context.random), context.random),
      url.path || '/services',
    )
  },
})

function openMembers(url: BackendUrl, given: OptionsOf<EtcdOptions>, context: AdapterContext): Member[] {
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

function loginOf(url: BackendUrl, given: OptionsOf<EtcdOptions>): Login | undefined {
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

function clientOf(url: BackendUrl, given: OptionsOf<EtcdOptions>, context: AdapterContext): Member {
  const other = Object.entries(given).find(([name, value]) => name !== 'client' && value !== undefined)?.[0]
  const known = other ?? (url.hosts.length > 0 ? 'a host in the URL' : url.tls ? '+tls' : undefined)
  if (known) throw badOption('client', `stands beside ${known}, which it knows already`, 'give one of them')
  const { client, lacks } = handedIn(given.client)
  if (lacks.length > 0) context.warn(`The etcd client that was handed in ${lacks.join('; ')}.`)
  return new Member(client)
}
