import { connect, type Registry, type ServiceView } from '@rollcall/core'
import { startServer, type TestServer } from '@rollcall/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../support/until.js'

describe.for([
  // Consul answers a question after its wait even when nothing is new: the same watch goes on.
  ['consul', 'asks on and on', {}, { waitMs: 100 }],
  // These stay silent: each silence ends one watch, and another is opened.
  ['etcd', 'is replaced again and again', {}, { quietMs: 300 }],
  ['zookeeper', 'is replaced again and again', { maxSessionTimeoutMs: 40_000 }, { quietMs: 300 }],
] as const)('a quiet watch of %s', { timeout: 120_000 }, ([kind, does, serverOptions, options]) => {
  let server: TestServer
  let registry: Registry
  let view: ServiceView

  beforeEach(async () => {
    server = await startServer(kind, serverOptions)
    // Heartbeats come every 8 s at the most: none passes for the questions that are waited for.
    registry = await connect(server.url, { ttlMs: 30_000, ...options })
    await registry.announce({ service: 'orders', host: '127.0.0.1', port: 3000 })
    view = registry.service('orders')
    await view.ready()
  }, 120_000)
  afterEach(async () => {
    await registry?.close()
    await server?.stop()
  })

  /** Waits until the store was asked so often. */
  const asked = async (times: number): Promise<void> => {
    for (let nth = 0; nth < times; nth++) {
      const { bytesToServer } = server.proxy
      await until(
        () => server.proxy.bytesToServer,
        (bytes) => bytes > bytesToServer,
        4_000,
      )
    }
  }

  test(`${does}, with no new version and no new socket`, async () => {
    const failures: unknown[] = []
    registry.events.on('watch.failed', (event) => failures.push(event))
    let versions = 0
    view.subscribe(() => versions++)
    // The first may still find that an update of the registration settles.
    await asked(4)
    const before = { version: view.snapshot!.version, versions, sockets: server.proxy.accepted }
    await asked(8)
    expect({ version: view.snapshot!.version, versions, sockets: server.proxy.accepted }).toEqual(before)
    expect(failures).toEqual([])
  })
})
