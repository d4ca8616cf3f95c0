import type { Adapter, InstanceRecord } from '@rollcall/core/adapter'
import { startServer, type TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dialled } from './support/dialled.js'
import { Follower, idsOf } from './support/follower.js'
import { instance, opened, signal } from './support/opened.js'

const ttlMs = 10_000
const adapters: Adapter[] = []

afterEach(async () => {
  for (const adapter of adapters.splice(0)) await adapter.close?.(AbortSignal.timeout(5_000))
})

function open(url: string, options: Record<string, unknown> = {}): Required<Adapter> {
  const adapter = opened(url, { ttlMs, options })
  adapters.push(adapter)
  return adapter
}

function firstListing(adapter: Adapter, service: string): Promise<string[]> {
  return dialled(async () => {
    const follower = new Follower((own) => adapter.watch(service, own))
    try {
      return idsOf(await follower.until(() => true))
    } finally {
      await follower.stop()
    }
  })
}

function register(adapter: Required<Adapter>, fields: Partial<InstanceRecord>): Promise<unknown> {
  return dialled(() => adapter.register(instance(fields), ttlMs, signal()))
}

describe.each(['3.9.6', '3.8.0'])('mutual TLS on ZooKeeper %s', (version) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer('zookeeper', { how: 'process', version, tls: 'mutual' })
  })
  afterAll(() => server.stop())

  it('works with our certificate, from files and from texts', async () => {
    const { ca, cert, key } = server.tls!
    await register(open(server.url, { ca, cert, key }), {})
    expect(await firstListing(open(server.url, { ca, cert, key }), 'orders')).toEqual(['orders-1'])
  })

  it('takes a name that the certificate holds, and refuses another', async () => {
    const { ca, cert, key } = server.tls!
    const named = open(server.url, { ca, cert, key, serverName: 'server.dc1.consul' })
    expect(await firstListing(named, 'none')).toEqual([])
    const misnamed = open(server.url, { ca, cert, key, serverName: 'elsewhere' })
    await expect(firstListing(misnamed, 'none')).rejects.toMatchObject({ code: 'MISCONFIGURED' })
  })

  it.each([
    ['none of ours', () => ({ ca: server.tls!.ca })],
    ['an authority that did not sign the server', () => ({ ...server.tls!, ca: server.tls!.wrongCa })],
    ['no authority', () => ({})],
  ])('is MISCONFIGURED with %s', async (_, options) => {
    const { ca, cert, key } = options() as Record<string, string | undefined>
    const given = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined)
    const adapter = open(server.url, Object.fromEntries(given))
    await expect(firstListing(adapter, 'orders')).rejects.toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringContaining('check ca, cert, key'),
    })
  })
})

describe.each(['3.9.6', '3.8.0'])('digest users on ZooKeeper %s', (version) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer('zookeeper', { how: 'process', version, auth: true })
  })
  afterAll(() => server.stop())

  type Who = 'readonly' | 'limited' | 'wrong'
  const optionsOf = (who?: Who): Record<string, unknown> => {
    const { username, password } = who ? server.credentials![who] : server.credentials!
    return { username, password }
  }

  it('the right one may announce and discover', async () => {
    await register(open(server.url, optionsOf()), { service: 'web' })
    expect(await firstListing(open(server.url, optionsOf('readonly')), 'web')).toEqual(['orders-1'])
  })

  it('stands in the URL too', async () => {
    const { username, password } = server.credentials!
    const url = server.url.replace('://', `://${username}:${password}@`)
    expect(await firstListing(open(url), 'db')).toEqual([])
  })

  it('a wrong password, no user and too few rights are MISCONFIGURED, and no secret is told', async () => {
    const { password } = server.credentials!.wrong
    for (const options of [optionsOf('wrong'), {}]) {
      const error: unknown = await firstListing(open(server.url, options), 'web').catch(
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ code: 'MISCONFIGURED' })
      expect(String(error)).not.toContain(password)
    }
    const writing = register(open(server.url, optionsOf('readonly')), { service: 'web' })
    await expect(writing).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    const elsewhere = register(open(server.url, optionsOf('limited')), { service: 'db' })
    await expect(elsewhere).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await register(open(server.url, optionsOf('limited')), { service: 'web' })
  })

  it('acl=creator keeps others out; a node that may not be read is skipped and harms no other', async () => {
    const own = { ...optionsOf(), acl: 'creator' }
    // The one that everybody may read makes the node above both.
    await register(open(server.url, optionsOf()), { service: 'mixed', id: 'public' })
    await register(open(server.url, own), { service: 'mixed', id: 'private' })
    expect(await firstListing(open(server.url, own), 'mixed')).toEqual(['private', 'public'])
    const readonly = open(server.url, optionsOf('readonly'))
    expect(await firstListing(readonly, 'mixed')).toEqual(['public'])
    const follower = new Follower((signal_) => readonly.watch('mixed', signal_))
    const { skipped } = await follower.until(() => true)
    expect(skipped).toEqual([{ key: '/services/mixed/private', reason: expect.stringContaining('NO_AUTH') }])
    await follower.stop()
  })
})
