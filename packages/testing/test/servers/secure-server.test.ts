import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../src/servers/index.js'
import type { TestServer, TlsFiles } from '../../src/servers/index.js'
import { materialFrom, rawStores } from './raw-store.js'

const kinds = ['consul', 'etcd', 'zookeeper'] as const
const refused = /40[013]|denied|-102|no answer|alert|closed|ECONNRESET|socket hang up|disconnected/i

describe.each(kinds)('%s with TLS', (kind) => {
  let server: TestServer
  let tls: TlsFiles

  beforeAll(async () => {
    server = await startServer(kind, { tls: true })
    tls = server.tls!
  }, 60_000)
  afterAll(() => server?.stop())

  test('is trusted by those who know its authority, certificate or not', async () => {
    expect(server.url).toMatch(`${kind}+tls://`)
    expect(await rawStores[kind].ping(server, materialFrom(tls.ca))).not.toBe('')
  })

  test('is not trusted by those who know another one', async () => {
    await expect(rawStores[kind].ping(server, materialFrom(tls.wrongCa))).rejects.toThrow(/certificate/)
  })

  test('does not speak in clear', async () => {
    const answer = await rawStores[kind].ping(server).catch(() => 'refused')
    expect(answer).toMatch(/^refused$|HTTP request to an HTTPS server/)
  })
})

describe.each(kinds)('%s with mutual TLS and users', (kind) => {
  const raw = rawStores[kind]
  let server: TestServer
  let tls: TlsFiles

  beforeAll(async () => {
    server = await startServer(kind, { tls: 'mutual', auth: true })
    tls = server.tls!
  }, 60_000)
  afterAll(() => server?.stop())

  test('takes clients with a certificate of its authority', async () => {
    expect(await raw.ping(server, materialFrom(tls.ca, tls))).not.toBe('')
    expect(await raw.ping(server, materialFrom(tls.ca, tls.other))).not.toBe('')
  })

  test('refuses clients without one', async () => {
    await expect(raw.ping(server, materialFrom(tls.ca))).rejects.toThrow(refused)
  })

  test('lets in only those whom it knows, also after a restart and after a wipe', async () => {
    const client = materialFrom(tls.ca, tls.nameless)
    const { admin, readonly, limited, wrong, ...user } = server.credentials!
    await expect(raw.write(server, 'web', client, {})).rejects.toThrow(refused)
    await expect(raw.write(server, 'web', client, wrong)).rejects.toThrow(refused)
    await expect(raw.write(server, 'web', client, readonly)).rejects.toThrow(refused)
    await raw.write(server, 'web', client, user)
    await server.restart({ data: 'keep' })
    await expect(raw.write(server, 'web', client, wrong)).rejects.toThrow(refused)
    if (kind !== 'consul') expect(await raw.read(server, client, readonly)).toBe('web')
    await server.restart({ data: 'wipe' })
    await expect(raw.write(server, 'web', client, wrong)).rejects.toThrow(refused)
    await raw.write(server, 'web', client, limited)
    expect(admin).toBeDefined()
  }, 60_000)
})

describe.each(kinds)('%s with users and no TLS', (kind) => {
  test('lets in only those whom it knows', async () => {
    const raw = rawStores[kind]
    const server = await startServer(kind, { auth: true })
    try {
      await expect(raw.write(server, 'web', undefined, server.credentials!.wrong)).rejects.toThrow(refused)
      await raw.write(server, 'web', undefined, server.credentials)
    } finally {
      await server.stop()
    }
  }, 60_000)
})
