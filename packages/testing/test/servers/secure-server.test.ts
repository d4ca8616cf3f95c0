import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../src/servers/index.js'
import type { TestServer, TlsFiles } from '../../src/servers/index.js'
import { materialFrom, rawStores } from './raw-store.js'

const kinds = ['consul', 'etcd', 'zookeeper'] as const
const refused = /40[013]|denied|-102|no answer|alert|closed|ECONNRESET|socket hang up|disconnected/i

describe.each(kinds)('%s with TLS', (kind) => {
  let server: TestServer
  let files: TlsFiles

  beforeAll(async () => {
    server = await startServer(kind, { tls: true })
    files = server.tls!
  }, 60_000)
  afterAll(() => server?.stop())

  test('is trusted by those who know its authority, certificate or not', async () => {
    expect(server.url).toMatch(`${kind}+tls://`)
    expect(await rawStores[kind].ping(server, { tls: materialFrom(files.ca) })).not.toBe('')
  })

  test('is not trusted by those who know another one', async () => {
    await expect(rawStores[kind].ping(server, { tls: materialFrom(files.wrongCa) })).rejects.toThrow(
      /certificate/,
    )
  })

  test('does not speak in clear', async () => {
    const answer = await rawStores[kind].ping(server).catch(() => 'refused')
    expect(answer).toMatch(/^refused$|HTTP request to an HTTPS server/)
  })
})

describe.each(kinds)('%s with mutual TLS and users', (kind) => {
  const raw = rawStores[kind]
  let server: TestServer
  let files: TlsFiles

  beforeAll(async () => {
    server = await startServer(kind, { tls: 'mutual', auth: true })
    files = server.tls!
  }, 60_000)
  afterAll(() => server?.stop())

  test('takes clients with a certificate of its authority', async () => {
    expect(await raw.ping(server, { tls: materialFrom(files.ca, files) })).not.toBe('')
    expect(await raw.ping(server, { tls: materialFrom(files.ca, files.other) })).not.toBe('')
  })

  test('refuses clients without one', async () => {
    await expect(raw.ping(server, { tls: materialFrom(files.ca) })).rejects.toThrow(refused)
  })

  test('lets in only those whom it knows, also after a restart and after a wipe', async () => {
    const tls = materialFrom(files.ca, files.nameless)
    const { admin, readonly, limited, wrong, ...user } = server.credentials!
    await expect(raw.write(server, 'web', { tls, who: {} })).rejects.toThrow(refused)
    await expect(raw.write(server, 'web', { tls, who: wrong })).rejects.toThrow(refused)
    await expect(raw.write(server, 'web', { tls, who: readonly })).rejects.toThrow(refused)
    await raw.write(server, 'web', { tls, who: user })
    await server.restart({ data: 'keep' })
    await expect(raw.write(server, 'web', { tls, who: wrong })).rejects.toThrow(refused)
    if (kind !== 'consul') expect(await raw.read(server, { tls, who: readonly })).toBe('web')
    await server.restart({ data: 'wipe' })
    await expect(raw.write(server, 'web', { tls, who: wrong })).rejects.toThrow(refused)
    await raw.write(server, 'web', { tls, who: limited })
    expect(admin).toBeDefined()
  }, 60_000)
})

describe.each(kinds)('%s with users and no TLS', (kind) => {
  test('lets in only those whom it knows', async () => {
    const raw = rawStores[kind]
    const server = await startServer(kind, { auth: true })
    try {
      await expect(raw.write(server, 'web', { who: server.credentials!.wrong })).rejects.toThrow(refused)
      await raw.write(server, 'web', { who: server.credentials })
    } finally {
      await server.stop()
    }
  }, 60_000)
})
