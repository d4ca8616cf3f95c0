import { describeAdapter } from '@rollcall/testing'
import { afterAll, describe, it } from 'vitest'
import { openEtcd } from './support/open.js'
import { RawReader } from './support/raw-reader.js'
import { startEtcd } from './support/server.js'

// On one version, since it takes a minute; the other suites run on all.
const server = await startEtcd()
afterAll(() => server.stop())

describeAdapter(
  server.description,
  {
    open: () => openEtcd(server.url),
    // etcd's least as it comes.
    ttlMs: 2_000,
    async writeGarbage(service, key) {
      const raw = new RawReader(server.directPort)
      await raw.put(`/services/${service}/${key}`, 'no JSON')
      raw.close()
    },
    outage: {
      freeze: { begin: () => server.freeze(), end: () => server.thaw() },
      cutOff: { begin: () => server.refuse(), end: () => server.restore() },
      restart: (data) => server.restart({ data: data === 'kept' ? 'keep' : 'wipe' }),
    },
  },
  { describe, it },
)
