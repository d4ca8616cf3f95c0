import { describeAdapter, startServer, type TestServer } from '@rollcall/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { api } from './support/api.js'
import { expiryShows } from './support/expiry.js'
import { opened, signal } from './support/opened.js'

let server: TestServer
// With its data on disk: a development agent forgets all at a restart.
beforeAll(async () => void (server = await startServer('consul')))
afterAll(() => server?.stop())

describeAdapter(
  'consul',
  {
    open: () => opened(server.url, { waitMs: 1_000 }),
    // A stall of the machine for a second must not end a lease.
    ttlMs: 2_000,
    checkMs: 120_000,
    async expiryShows() {
      const adapter = opened(server.url)
      await expiryShows(adapter)
      await adapter.close(signal())
    },
    // A service without a port can not be called.
    writeGarbage: (service, key) =>
      api(server, 'PUT', '/v1/agent/service/register', { ID: key, Name: service }),
    outage: {
      freeze: { begin: () => server.freeze(), end: () => server.thaw() },
      cutOff: { begin: () => server.refuse(), end: () => server.restore() },
      restart: (data) => server.restart({ data: data === 'kept' ? 'keep' : 'wipe' }),
    },
  },
  { describe, it },
)
