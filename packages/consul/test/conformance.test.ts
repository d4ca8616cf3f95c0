import { describeAdapter, startServer, type TestServer } from '@rollcall/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { api } from './support/api.js'
import { instance, listingWhere, opened, signal } from './support/opened.js'

let server: TestServer
// With its data on disk: a development agent forgets all at a restart.
beforeAll(async () => {
  server = await startServer('consul')
  await expiryShows()
})
/** An agent that started before its servers had a leader tells the catalog of an expiry up to 30 s late, at first. */
async function expiryShows(): Promise<void> {
  const adapter = opened(server.url)
  await adapter.register(instance({ service: 'warm-up' }), 100, signal())
  await listingWhere(adapter.watch('warm-up', signal(40_000)), ({ lapsed = [] }) => lapsed.length > 0)
  await adapter.close(signal())
}

afterAll(() => server?.stop())

describeAdapter(
  'consul',
  {
    open: () => opened(server.url, { waitMs: 1_000 }),
    // A stall of the machine for a second must not end a lease.
    ttlMs: 2_000,
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
