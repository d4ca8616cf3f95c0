import { describeAdapter, startServer } from '@rollcall/testing'
import { afterAll, describe, it } from 'vitest'
import { opened } from './support/opened.js'
import { Reader } from './support/reader.js'

// ZooKeeper's own default tick, for which the adapter's capabilities are true.
const server = await startServer('zookeeper', { tickTimeMs: 2_000 })
afterAll(() => server.stop())

describeAdapter(
  server.description,
  {
    open: (ttlMs) => opened(server.url, { ttlMs }),
    ttlMs: 4_000,
    async writeGarbage(service, key) {
      const reader = await Reader.open(server.directPort)
      await reader.write(`/services/${service}/${key}`, 'no JSON')
      await reader.close()
    },
    outage: {
      freeze: { begin: () => server.freeze(), end: () => server.thaw() },
      cutOff: { begin: () => server.refuse(), end: () => server.restore() },
      restart: (data) => server.restart({ data: data === 'kept' ? 'keep' : 'wipe' }),
    },
  },
  { describe, it },
)
