import { startServer, type TestServer } from '@rollcall/testing'
import Consul from 'consul'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../src/index.js'

let server: TestServer
beforeAll(async () => {
  server = await startServer('consul', { dev: true })
})
afterAll(() => server?.stop())

it('announces, discovers and leaves, as in the README', async () => {
  const registry = await connect(server.url)
  const announcement = await registry.announce({ service: 'orders', host: '10.0.0.7', port: 8080 })
  await announcement.registered()
  const orders = registry.service('orders')
  await orders.ready()
  await expect.poll(() => orders.snapshot?.instances.length, { timeout: 10_000 }).toBe(1)
  expect(orders.pick().url).toBe('http://10.0.0.7:8080')
  await registry.close()
  const stranger = new Consul({ host: '127.0.0.1', port: server.directPort })
  // The catalog hears of it some moments after the agent, which has answered.
  await expect.poll(() => stranger.health.service('orders'), { timeout: 10_000 }).toEqual([])
  stranger.destroy()
}, 30_000)
