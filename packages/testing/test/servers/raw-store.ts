import { readFileSync } from 'node:fs'
import type { Credentials, ServerKind, TestServer } from '../../src/servers/index.js'
import type { TlsMaterial } from '../../src/servers/certificates.js'
import { fourLetterWord } from '../../src/servers/four-letter-word.js'
import { ask, type HttpAnswer, type HttpRequest } from '../../src/servers/http.js'
import { ZookeeperWire } from '../../src/servers/zookeeper-wire.js'

/** The simplest way to each store that shares no code with an adapter. Requests go through the proxy. */
export interface RawStore {
  ping(server: TestServer, how?: How): Promise<string>
  write(server: TestServer, value: string, how?: How): Promise<void>
  read(server: TestServer, how?: How): Promise<string | undefined>
}

interface How {
  readonly tls?: TlsMaterial | undefined
  readonly who?: Credentials | undefined
  /** 5 s by default: a stall of the machine is no fault of the server's. */
  readonly withinMs?: number
}

const patienceMs = 5_000

const at = (server: TestServer): { host: string; port: number } => ({ host: '127.0.0.1', port: server.port })
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const key = base64('/services/web/1')

function askAs(
  server: TestServer,
  request: HttpRequest,
  { tls, withinMs = patienceMs }: How = {},
): Promise<HttpAnswer> {
  return ask(at(server), { ...request, tls, timeoutMs: withinMs })
}

const consul: RawStore = {
  async ping(server, how) {
    return (await askAs(server, { path: '/v1/status/leader' }, how)).body
  },
  async write(server, value, how) {
    const who = how?.who
    const headers = who?.token ? { 'x-consul-token': who.token } : {}
    // Tokens are for services: a registration stands for a value then.
    const request = who
      ? { path: '/v1/agent/service/register', body: { Name: value } }
      : { path: '/v1/kv/rollcall', body: value }
    const answer = await askAs(server, { method: 'PUT', ...request, headers }, how)
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  },
  async read(server, how) {
    const answer = await askAs(server, { path: '/v1/kv/rollcall?raw' }, how)
    return answer.status === 404 ? undefined : answer.body
  },
}

async function etcdPost(
  server: TestServer,
  path: string,
  body: object,
  how: How = {},
): Promise<{ token?: string; kvs?: { value: string }[] }> {
  const headers: Record<string, string> = {}
  const { who, ...without } = how
  if (who) {
    const login = { name: who.username, password: who.password }
    headers['authorization'] = (await etcdPost(server, 'auth/authenticate', login, without)).token!
  }
  const answer = await askAs(server, { method: 'POST', path: `/v3/${path}`, body, headers }, how)
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  return JSON.parse(answer.body) as { token?: string; kvs?: { value: string }[] }
}

const etcd: RawStore = {
  async ping(server, how) {
    return (await askAs(server, { path: '/health' }, how)).body
  },
  async write(server, value, how) {
    await etcdPost(server, 'kv/put', { key, value: base64(value) }, how)
  },
  async read(server, how) {
    const { kvs } = await etcdPost(server, 'kv/range', { key }, how)
    return kvs?.[0] && Buffer.from(kvs[0].value, 'base64').toString()
  },
}

async function withZookeeper<T>(
  server: TestServer,
  { tls, who }: How,
  work: (wire: ZookeeperWire) => Promise<T>,
): Promise<T> {
  const wire = await ZookeeperWire.open(at(server), tls)
  try {
    if (who) await wire.addDigest(who.username!, who.password!)
    return await work(wire)
  } finally {
    await wire.close()
  }
}

const zookeeper: RawStore = {
  async ping(server, { tls, withinMs = patienceMs } = {}) {
    const answer = await fourLetterWord(at(server), 'srvr', tls, withinMs)
    if (answer === '') throw new Error('no answer')
    return answer
  },
  write(server, value, how = {}) {
    const path = how.who ? '/services/web/1' : '/rollcall'
    return withZookeeper(server, how, (wire) => wire.create(path, value))
  },
  read(server, how = {}) {
    const path = how.who ? '/services/web/1' : '/rollcall'
    return withZookeeper(server, how, (wire) => wire.get(path)).catch((error: Error) => {
      // ZNONODE
      if (error.message.endsWith(' -101')) return undefined
      throw error
    })
  },
}

export const rawStores: { readonly [K in ServerKind]: RawStore } = { consul, etcd, zookeeper }

/** What a client with this certificate shows, or one without any. */
export function materialFrom(ca: string, pair?: { cert: string; key: string }): TlsMaterial {
  const read = (path: string): string => readFileSync(path, 'utf8')
  return { ca: read(ca), ...(pair && { cert: read(pair.cert), key: read(pair.key) }) } as TlsMaterial
}
