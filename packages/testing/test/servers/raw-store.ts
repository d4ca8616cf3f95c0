import { readFileSync } from 'node:fs'
import type { Credentials, ServerKind, TestServer } from '../../src/servers/index.js'
import type { TlsMaterial } from '../../src/servers/certificates.js'
import { fourLetterWord } from '../../src/servers/four-letter-word.js'
import { ask } from '../../src/servers/http.js'
import { ZookeeperWire } from '../../src/servers/zookeeper-wire.js'

/** The simplest way to each store that shares no code with an adapter. Requests go through the proxy. */
export interface RawStore {
  ping(server: TestServer, tls?: TlsMaterial): Promise<string>
  write(server: TestServer, value: string, tls?: TlsMaterial, who?: Credentials): Promise<void>
  read(server: TestServer, tls?: TlsMaterial, who?: Credentials): Promise<string | undefined>
}

const at = (server: TestServer): { host: string; port: number } => ({ host: '127.0.0.1', port: server.port })
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const key = base64('/services/web/1')

const consul: RawStore = {
  async ping(server, tls) {
    return (await ask(at(server), { path: '/v1/status/leader', tls })).body
  },
  async write(server, value, tls, who) {
    const headers = who?.token ? { 'x-consul-token': who.token } : {}
    // Tokens are for services: a registration stands for a value then.
    const request = who
      ? { path: '/v1/agent/service/register', body: { Name: value } }
      : { path: '/v1/kv/rollcall', body: value }
    const answer = await ask(at(server), { method: 'PUT', ...request, headers, tls })
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  },
  async read(server, tls) {
    const answer = await ask(at(server), { path: '/v1/kv/rollcall?raw', tls })
    return answer.status === 404 ? undefined : answer.body
  },
}

async function etcdPost(
  server: TestServer,
  path: string,
  body: object,
  tls?: TlsMaterial,
  who?: Credentials,
): Promise<{ token?: string; kvs?: { value: string }[] }> {
  const headers: Record<string, string> = {}
  if (who) {
    const login = { name: who.username, password: who.password }
    headers['authorization'] = (await etcdPost(server, 'auth/authenticate', login, tls)).token!
  }
  const answer = await ask(at(server), { method: 'POST', path: `/v3/${path}`, body, headers, tls })
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  return JSON.parse(answer.body) as { token?: string; kvs?: { value: string }[] }
}

const etcd: RawStore = {
  async ping(server, tls) {
    return (await ask(at(server), { path: '/health', tls })).body
  },
  async write(server, value, tls, who) {
    await etcdPost(server, 'kv/put', { key, value: base64(value) }, tls, who)
  },
  async read(server, tls, who) {
    const { kvs } = await etcdPost(server, 'kv/range', { key }, tls, who)
    return kvs?.[0] && Buffer.from(kvs[0].value, 'base64').toString()
  },
}

async function withZookeeper<T>(
  server: TestServer,
  tls: TlsMaterial | undefined,
  who: Credentials | undefined,
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
  async ping(server, tls) {
    const answer = await fourLetterWord(at(server), 'srvr', tls)
    if (answer === '') throw new Error('no answer')
    return answer
  },
  write(server, value, tls, who) {
    const path = who ? '/services/web/1' : '/rollcall'
    return withZookeeper(server, tls, who, (wire) => wire.create(path, value))
  },
  read(server, tls, who) {
    const path = who ? '/services/web/1' : '/rollcall'
    return withZookeeper(server, tls, who, (wire) => wire.get(path)).catch((error: Error) => {
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
