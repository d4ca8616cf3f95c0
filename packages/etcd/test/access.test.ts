import { readFileSync } from 'node:fs'
import type { TestServer } from '@rollcall/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Follower } from './support/follower.js'
import { instanceOf, openEtcd, within, type EtcdAdapter } from './support/open.js'
import { startEtcd, versions, withEtcd } from './support/server.js'

async function using<T>(adapter: EtcdAdapter, work: (adapter: EtcdAdapter) => Promise<T>): Promise<T> {
  try {
    return await work(adapter)
  } finally {
    await adapter.close(within(1_000))
  }
}

const registering = (adapter: EtcdAdapter, service = 'orders') =>
  using(adapter, (it) => it.register(instanceOf({ service }), 5_000, within()).then(() => 'registered'))

const listing = (adapter: EtcdAdapter) =>
  using(adapter, async (it) => (await it.watch('orders', within())[Symbol.asyncIterator]().next()).value)

describe.each(versions)('etcd %s with users', { timeout: 30_000 }, (version) => {
  let server: TestServer
  const at = (user: { username?: string; password?: string }) =>
    openEtcd(`etcd://${user.username}:${user.password}@127.0.0.1:${server.port}`)

  beforeAll(async () => {
    server = await startEtcd({ version, auth: true })
  })
  afterAll(() => server.stop())

  test('user and password stand in the URL or in the options', async () => {
    const { username, password } = server.credentials!
    expect(await registering(at({ username: username!, password: password! }))).toBe('registered')
    expect(await registering(openEtcd(server.url, { username, password }))).toBe('registered')
  })

  test.each([
    ['a wrong password', () => at(server.credentials!.wrong), /user or password/],
    ['no user', () => openEtcd(server.url), /give username and password/],
    ['a user without the right', () => at(server.credentials!.readonly), /role readwrite/],
  ])('%s is MISCONFIGURED', async (_, open, message) => {
    const failure = await registering(open()).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'MISCONFIGURED', message: expect.stringMatching(message) })
    expect(JSON.stringify(failure) + String(failure)).not.toContain(server.credentials!.wrong.password)
  })

  test('a listing without rights is MISCONFIGURED, not empty', async () => {
    await expect(listing(openEtcd(server.url))).rejects.toMatchObject({ code: 'MISCONFIGURED' })
  })

  test('a token that the server has forgotten is fetched anew, for calls and for watches', async () => {
    const adapter = at(server.credentials!)
    await using(adapter, async () => {
      const lease = await adapter.register(instanceOf(), 60_000, within())
      await server.restart({ data: 'keep' })
      await adapter.register(instanceOf({ weight: 2 }), 60_000, within())
      await server.restart({ data: 'keep' })
      const orders = new Follower((signal) => adapter.watch('orders', signal))
      await orders.until(({ instances }) => instances[0]?.weight === 2)
      await adapter.register(instanceOf({ weight: 3 }), 60_000, within())
      await orders.until(({ instances }) => instances[0]?.weight === 3)
      await orders.stop()
      await server.restart({ data: 'keep' })
      await lease.renew(within())
    })
  })
})

test('users given to an etcd without auth are reported and not needed', { timeout: 30_000 }, () =>
  withEtcd({}, async (server) => {
    const warnings: string[] = []
    const adapter = openEtcd(server.url, { username: 'alice', password: 'secret' }, warnings)
    expect(await registering(adapter)).toBe('registered')
    expect(warnings).toEqual(['etcd has no auth enabled: user and password are not used.'])
  }),
)

describe.each(versions)('etcd %s with mutual TLS', { timeout: 30_000 }, (version) => {
  let server: TestServer
  let url: string

  beforeAll(async () => {
    server = await startEtcd({ version, tls: 'mutual' })
    url = `etcd+tls://localhost:${server.port}`
  })
  afterAll(() => server.stop())

  test('certificates come as files or as text', async () => {
    const { ca, cert, key } = server.tls!
    expect(await registering(openEtcd(url, { ca, cert, key }))).toBe('registered')
    const text = (path: string) => readFileSync(path, 'utf8')
    expect(await registering(openEtcd(url, { ca: text(ca), cert: text(cert), key: text(key) }))).toBe(
      'registered',
    )
    const byAddress = `etcd+tls://127.0.0.1:${server.port}`
    const serverName = 'server.dc1.consul'
    expect(await registering(openEtcd(byAddress, { ca, cert, key, serverName }))).toBe('registered')
  })

  test.each([
    ['an unknown authority', (): object => ({ ...server.tls!, ca: server.tls!.wrongCa })],
    ['no certificate', (): object => ({ ca: server.tls!.ca })],
    ['another name', (): object => ({ ...server.tls!, serverName: 'elsewhere.example' })],
  ])('%s is MISCONFIGURED', async (_, files) => {
    const { ca, cert, key, serverName } = files() as Record<string, string>
    const failure = await registering(openEtcd(url, { ca, cert, key, serverName })).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: 'MISCONFIGURED' })
  })

  // It looks the same when a server goes down in the middle of a handshake.
  test.each([
    ['TLS to a server without it', 'etcd+tls', undefined],
    ['no TLS to a server with it', 'etcd', true],
  ])('%s counts as passing, and says why', (_, scheme, tls) =>
    withEtcd({ version, ...(tls && { tls }) }, (other) =>
      expect(registering(openEtcd(`${scheme}://localhost:${other.port}`))).rejects.toThrow(
        /^14 UNAVAILABLE: .*and TLS just if the URL says \+tls\?/,
      ),
    ),
  )

  test('after TLS the users still count, also by the name expected in the certificate', () =>
    withEtcd({ version, tls: true, auth: true }, async (both) => {
      const { username, password } = both.credentials!
      const options = { username, password, ca: both.tls!.ca, serverName: 'server.dc1.consul' }
      expect(await registering(openEtcd(`etcd+tls://127.0.0.1:${both.port}`, options))).toBe('registered')
    }))
})
