import { inspect } from 'node:util'
import { connect, isRollcallError, type Registry, type RollcallEvent } from '@rollcall/core'
import { startServer, type TestServer } from '@rollcall/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { mendCredentials } from '../support/mend.js'
import { until } from '../support/until.js'

describe.for(['consul', 'etcd', 'zookeeper'] as const)('%s with credentials', { timeout: 60_000 }, (kind) => {
  let server: TestServer
  let registry: Registry
  const events: RollcallEvent[] = []

  beforeAll(async () => {
    server = await startServer(kind, { auth: true })
  }, 120_000)
  afterAll(() => server?.stop())
  afterEach(() => registry?.close())

  const open = async (credentials: object): Promise<void> => {
    registry = await connect(server.url, { ttlMs: 4000, refusedRetryMs: 300, ...credentials })
    events.length = 0
    registry.events.on('*', (event) => events.push(event))
  }
  const strip = (credentials: object): object =>
    Object.fromEntries(
      Object.entries(credentials).filter(([name]) => ['username', 'password', 'token'].includes(name)),
    )

  test('right ones serve', async () => {
    await open(strip(server.credentials!))
    const announcement = await registry.announce({ service: 'orders', host: '127.0.0.1', port: 3000 })
    await announcement.registered({ signal: AbortSignal.timeout(10_000) })
    const view = registry.service('orders')
    await until(
      () => view.snapshot?.instances.length,
      (count) => count === 1,
      10_000,
    )
  })

  test('wrong ones are told at once, and serve once they are mended', async () => {
    const { wrong } = server.credentials!
    const secret = wrong.password ?? wrong.token!
    await open(strip(wrong))
    // In ZooKeeper the node of `web` is protected; that of `orders` was made by the first test, open to everybody.
    const options = { service: 'web', host: '127.0.0.1', port: 3000 }
    // A first attempt that fails in passing is no refusal: the next one is.
    const refused = await registry
      .announce(options)
      .then((announcement) => announcement.registered({ signal: AbortSignal.timeout(10_000) }))
      .catch((error: unknown) => error)
    expect(isRollcallError(refused, 'MISCONFIGURED'), inspect(refused)).toBe(true)
    const view = registry.service('web')
    const unread = await view.ready({ signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => error)
    expect(isRollcallError(unread, 'MISCONFIGURED'), inspect(unread)).toBe(true)

    await mendCredentials(server)
    await until(
      () => view.snapshot?.state,
      (state) => state === 'live',
      10_000,
    )
    const announcement = await registry.announce({ ...options, id: 'mended' })
    await announcement.registered({ signal: AbortSignal.timeout(10_000) })
    await until(
      () => view.snapshot?.instances.map(({ id }) => id),
      (ids) => ids?.includes('mended') === true,
      10_000,
    )

    const told = inspect([refused, unread, events, registry, view, announcement], {
      depth: 20,
      showHidden: true,
    })
    expect(told).not.toContain(secret)
    expect(told).not.toContain(Buffer.from(secret).toString('base64'))
  })
})
