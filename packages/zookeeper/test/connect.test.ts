import { startServer, type TestServer } from '@rollcall/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../src/index.js'

let server: TestServer
beforeAll(async () => {
  server = await startServer('zookeeper')
})
afterAll(() => server.stop())

it('the lines of the README work', async () => {
  const registry = await connect(server.url)

  const announcement = await registry.announce({ service: 'orders', host: '10.0.0.7', port: 8080 })
  await announcement.registered()

  const orders = registry.service('orders')
  await orders.ready()
  expect(orders.pick().url).toBe('http://10.0.0.7:8080')

  await registry.close()
})

it('a wiped server is announced to again, without a word from the user', async () => {
  // A beat a second: with the first one after the restart it is noticed.
  const registry = await connect(server.url, { ttlMs: 3_000, retryMs: 200 })
  const announcement = await registry.announce({ service: 'orders', host: '10.0.0.7', port: 8080 })
  await announcement.registered()
  await server.restart({ data: 'wipe' })
  const reader = await connect(server.url, { retryMs: 200 })
  const orders = reader.service('orders')
  for await (const { instances } of orders.watch()) if (instances.length > 0) break
  await Promise.all([registry.close(), reader.close()])
}, 30_000)
