import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@rollcall/core'
import { startServer } from '@rollcall/testing'
import { describe, expect, test } from 'vitest'

const quietMs = 300

describe.for(['consul', 'etcd', 'zookeeper'] as const)('%s, a quiet watch', { timeout: 120_000 }, (kind) => {
  test('is replaced again and again, with no new version and no new socket', async () => {
    const server = await startServer(kind)
    // Consul answers after its wait even when nothing is new: shortened like the limit, 10 s to 30 s as they come.
    const registry = await connect(server.url, {
      ttlMs: 4000,
      quietMs,
      ...(kind === 'consul' && { waitMs: 100 }),
    })
    try {
      await registry.announce({ service: 'orders', host: '127.0.0.1', port: 3000 })
      const view = registry.service('orders')
      await view.ready()
      const failures: unknown[] = []
      registry.events.on('watch.failed', (event) => failures.push(event))
      let versions = 0
      view.subscribe(() => versions++)
      // The first replacements may still find that an update of the registration settles.
      await sleep(quietMs * 5)
      const { version } = view.snapshot!
      const before = { version, versions, sockets: server.proxy.accepted, bytes: server.proxy.bytesToServer }
      await sleep(quietMs * 10)
      expect(view.snapshot!.version).toBe(before.version)
      expect(versions).toBe(before.versions)
      expect(failures).toEqual([])
      expect(server.proxy.accepted).toBe(before.sockets)
      // The proof that it went on asking.
      expect(server.proxy.bytesToServer).toBeGreaterThan(before.bytes)
    } finally {
      await registry.close()
      await server.stop()
    }
  })
})
