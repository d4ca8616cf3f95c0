import { startServer, type TestServer } from '@rollcall/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { instance, listed, listingWhere, opened, signal } from './support/opened.js'

vi.setConfig({ testTimeout: 30_000 })

const web = instance({ service: 'web' })
const hasOne = (listing: { instances: readonly unknown[] }): boolean => listing.instances.length === 1

describe('mutual TLS and ACL with default deny', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer('consul', { tls: 'mutual', auth: true })
    console.log(server.description)
  }, 60_000)
  afterAll(() => server?.stop())

  const files = (): { ca: string; cert: string; key: string } => {
    const { ca, cert, key } = server.tls!
    return { ca, cert, key }
  }
  const as = (token: string | undefined, tls: object = files()): ReturnType<typeof opened> =>
    opened(server.url, { ...tls, ...(token !== undefined && { token }), waitMs: 500 })

  it('serves a right token', async () => {
    const adapter = as(server.credentials!.token)
    const lease = await adapter.register(web, 15_000, signal())
    await lease.renew(signal())
    await listingWhere(adapter.watch('web', signal()), hasOne)
    await adapter.release(web, signal())
    await expect(lease.renew(signal())).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await adapter.close(signal())
  })

  it('refuses a token that nobody knows', async () => {
    const token = server.credentials!.wrong.token
    const adapter = as(token)
    const refused = { code: 'MISCONFIGURED', message: expect.not.stringContaining(token!) as string }
    await expect(adapter.register(web, 15_000, signal())).rejects.toMatchObject(refused)
    await expect(adapter.release(web, signal())).rejects.toMatchObject(refused)
    await expect(listed(adapter, 'web')).rejects.toMatchObject(refused)
    await adapter.close(signal())
  })

  it('keeps a limited token to its rules', async () => {
    const adapter = as(server.credentials!.limited.token)
    await adapter.register(web, 15_000, signal())
    await expect(adapter.register(instance({ service: 'db' }), 15_000, signal())).rejects.toMatchObject({
      code: 'MISCONFIGURED',
    })
    await adapter.release(web, signal())
    await adapter.close(signal())
  })

  it('shows an anonymous reader nothing, and lets it write nothing', async () => {
    const owner = as(server.credentials!.token)
    await owner.register(web, 15_000, signal())
    await listingWhere(owner.watch('web', signal()), hasOne)
    const adapter = as(undefined)
    expect(await listed(adapter, 'web')).toMatchObject({ instances: [], lapsed: [] })
    await expect(adapter.register(web, 15_000, signal())).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await expect(adapter.release(web, signal())).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await owner.release(web, signal())
    await owner.close(signal())
    await adapter.close(signal())
  })

  it.each([
    ['no certificate of ours', () => ({ ca: server.tls!.ca })],
    ['a stranger as authority', () => ({ ...files(), ca: server.tls!.wrongCa })],
    ['another name than expected', () => ({ ...files(), serverName: 'elsewhere.example' })],
  ])('refuses %s', async (_name, tls) => {
    const adapter = as(server.credentials!.token, tls())
    await expect(listed(adapter, 'web')).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await adapter.close(signal())
  })

  it('takes the name of the certificate from the option', async () => {
    const adapter = as(server.credentials!.token, { ...files(), serverName: 'server.dc1.consul' })
    await listed(adapter, 'web')
    await adapter.close(signal())
  })

  it('says so when one side speaks TLS and the other does not', async () => {
    const adapter = opened(server.url.replace('+tls', ''))
    await expect(listed(adapter, 'web')).rejects.toMatchObject({ code: 'MISCONFIGURED' })
    await adapter.close(signal())
  })
})
