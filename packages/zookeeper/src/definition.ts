import {
  RollcallError,
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
import { Client, isPath, type Acl } from './wire/index.js'
import { ZooKeeperAdapter } from './zookeeper-adapter.js'

const options = {
  username: { type: 'string', about: 'user of the digest scheme, if not in the URL' },
  password: { type: 'string', secret: true, about: 'password of the user, if not in the URL' },
  acl: {
    type: 'string',
    default: 'open',
    about:
      'who may read and write what is made: `open` (anybody) or `creator` (who has the same user and password)',
  },
  ...tlsOptions,
} as const
type ZooKeeperOptions = OptionsOf<typeof options>

const defaultBase = '/services'

/** Rollcall on ZooKeeper: `zookeeper://h1:2181,h2:2181/base`, `zookeeper+tls://…`; the base is `/services` if none is given. */
export const zookeeper: AdapterDefinition = defineAdapter({
  schemes: ['zookeeper'],
  accepts: { hosts: 'many', defaultPort: 2181, path: true, userinfo: true, tls: true },
  options,
  open,
})

function open(url: BackendUrl, given: ZooKeeperOptions, context: AdapterContext): Adapter {
  const { clock, random, ttlMs } = context
  const auth = authOf(url, given)
  const client = new Client({
    hosts: url.hosts.length > 0 ? url.hosts : [{ host: '127.0.0.1', port: 2181 }],
    timeoutMs: ttlMs,
    clock,
    random,
    tls: loadTls(url.tls, given),
    auth,
  })
  return new ZooKeeperAdapter(client, baseOf(url), aclOf(given.acl, auth))
}

function authOf(url: BackendUrl, given: ZooKeeperOptions): string | undefined {
  const username = once('username', url.username, given.username)
  const password = once('password', url.password, given.password)
  if (username === undefined && password === undefined) return undefined
  if (username === undefined) throw badOption('password', 'stands without a user', 'give username too')
  if (password === undefined) throw badOption('username', 'stands without a password', 'give password too')
  // The server cuts the two apart at the first colon.
  if (username.includes(':')) throw badOption('username', 'holds a colon', 'use a name without')
  return `${username}:${password}`
}

function once(name: string, inUrl: string | undefined, inOptions: string | undefined): string | undefined {
  if (inUrl !== undefined && inOptions !== undefined) {
    throw badOption(name, 'stands in the URL and in the options', 'give it once')
  }
  return inUrl ?? inOptions
}

function aclOf(acl: string, auth: string | undefined): Acl {
  if (acl !== 'open' && acl !== 'creator') {
    throw badOption('acl', `is ${JSON.stringify(acl)}`, 'give "open" or "creator"')
  }
  if (acl === 'creator' && auth === undefined) {
    throw badOption('acl', 'is "creator" and there is no user', 'give username and password')
  }
  return acl
}

function baseOf({ path, shown }: BackendUrl): string {
  if (path === '') return defaultBase
  if (isPath(path)) return path
  throw new RollcallError(
    'BAD_URL',
    `The registry's URL is no good, ${shown}: its path can't be a node of ZooKeeper's: write for example /services.`,
  )
}
