import {
  RollcallError,
  badOption,
  loadTls,
  loginOf,
  loginOptions,
  tlsOptions,
  type AdapterContext,
  type BackendUrl,
  type OptionsOf,
} from '@rollcall/core/adapter'
import { Client } from './client.js'
import { isPath } from './node-name.js'
import type { Acl } from './operations.js'

const own = {
  acl: {
    type: 'string',
    default: 'open',
    about:
      'who may read and write what is made: `open` (anybody) or `creator` (who has the same user and password)',
  },
} as const

export type ClientOptions = typeof loginOptions & typeof own & typeof tlsOptions

/** How to reach ZooKeeper, beside what the URL says. */
export const clientOptions: ClientOptions = { ...loginOptions, ...own, ...tlsOptions }

type Given = OptionsOf<ClientOptions>

/** A client, and where and with which rights it is to write. */
export interface OpenedClient {
  readonly client: Client
  readonly base: string
  readonly acl: Acl
}

/** Contacts nothing; throws BAD_OPTION and BAD_URL. */
export function openClient(url: BackendUrl, given: Given, context: AdapterContext): OpenedClient {
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
  return { client, base: baseOf(url), acl: aclOf(given.acl, auth) }
}

function authOf(url: BackendUrl, given: Given): string | undefined {
  const login = loginOf(url, given)
  if (login === undefined) return undefined
  const { username, password } = login
  // The server cuts the two apart at the first colon.
  if (username.includes(':')) throw badOption('username', 'holds a colon', 'use a name without')
  return `${username}:${password}`
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
  if (path === '') return '/services'
  if (isPath(path)) return path
  throw new RollcallError(
    'BAD_URL',
    `The registry's URL is no good, ${shown}: its path can't be a node of ZooKeeper's: write for example /services.`,
  )
}
