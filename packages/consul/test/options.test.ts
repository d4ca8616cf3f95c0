import Consul from 'consul'
import { Agent } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeConsul, lists, says, type FakeConsul } from './support/fake-consul.js'
import { instance, listed, opened, signal } from './support/opened.js'

describe('the URL and the options', () => {
  it.each([
    ['consul://a,b', {}, 'BAD_URL'],
    ['consul://a/base', {}, 'BAD_URL'],
    ['consul://user@a', {}, 'BAD_URL'],
    ['consul://a?waitMs=0', {}, 'BAD_OPTION'],
    ['consul://a', { ca: 'x.pem' }, 'BAD_OPTION'],
    ['consul+tls://a', { ca: '/no/such/file' }, 'BAD_OPTION'],
    ['consul+tls://a', { key: '-----BEGIN' }, 'BAD_OPTION'],
    ['consul:', { client: {} }, 'BAD_OPTION'],
    ['consul://a', { client: new Consul() }, 'BAD_OPTION'],
    ['consul+tls:', { client: new Consul() }, 'BAD_OPTION'],
    ['consul:', { client: new Consul(), token: 's3cret' }, 'BAD_OPTION'],
  ])('refuses %s with %j', (url, options, code) => {
    expect(() => opened(url, options)).toThrow(expect.objectContaining({ code }))
  })

  it('wait longer for a watch whose wait is longer', () => {
    expect(opened('consul:').capabilities.quietMs).toBe(30_000)
    expect(opened('consul:?waitMs=60000').capabilities.quietMs).toBe(180_000)
  })

  it('may name an IPv6 address', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'x-consul-index': '1' }).end('[]')
    })
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve))
    const adapter = opened(`consul://[::1]:${(server.address() as { port: number }).port}`)
    expect((await listed(adapter)).instances).toEqual([])
    await adapter.close(signal())
    server.close()
  })
})

describe('a client of the user', () => {
  let fake: FakeConsul
  afterEach(() => fake.close())

  const entry = { Node: { Node: 'n', Address: '10.0.0.9' }, Service: { ID: 'a', Port: 1 }, Checks: [] }

  async function withClient(options: { agent?: Agent; defaults?: object }) {
    fake = await fakeConsul(lists(1, [entry]))
    const client = new Consul({ host: '127.0.0.1', port: fake.port, ...options })
    const warnings: string[] = []
    const adapter = opened('consul:', { client }, (message) => warnings.push(message))
    return { client, warnings, adapter }
  }

  it('is used with its token and its defaults', async () => {
    const { adapter } = await withClient({ defaults: { token: 't0ken', dc: 'dc7', stale: true } })
    expect((await listed(adapter)).instances).toHaveLength(1)
    expect(fake.requests).toEqual(['GET /v1/health/service/orders?dc=dc7&stale=true'])
    expect(fake.headers[0]).toMatchObject({ 'x-consul-token': 't0ken' })
  })

  it('is not closed', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const { adapter, client } = await withClient({ agent })
    await listed(adapter)
    await adapter.close(signal())
    await expect(listed(adapter)).rejects.toMatchObject({ code: 'CLOSED' })
    expect(Object.keys(agent.freeSockets)).toHaveLength(1)
    expect(await client.health.service('orders')).toHaveLength(1)
    agent.destroy()
  })

  it('is told in one warning what it lacks', async () => {
    const { warnings } = await withClient({})
    expect(warnings).toEqual([expect.stringMatching(/has no timeout/)])
  })

  it('keeps half of its sockets for heartbeats', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 })
    const { adapter } = await withClient({ agent })
    const open = [1, 2].map(() => adapter.watch('orders', signal())[Symbol.asyncIterator]())
    const listings = await Promise.all(open.map((one) => one.next()))
    expect(listings.map(({ value }) => value.askAgainMs)).toEqual([undefined, 2_000])
    agent.destroy()
  })

  it('never shows its token', async () => {
    fake = await fakeConsul((request, response) =>
      says(403, String(request.headers['x-consul-token']))(request, response),
    )
    const client = new Consul({ host: '127.0.0.1', port: fake.port, defaults: { token: 't0ken' } })
    const adapter = opened('consul:', { client })
    const error = await adapter.register(instance(), 15_000, signal()).catch((e: unknown) => e)
    expect((error as Error).message).toMatch(/\*\*\*/)
  })
})
