import { describeAdapter, startServer } from '@rollcall/testing'
import { afterAll, describe, it } from 'vitest'
import { opened } from './support/opened.js'
import { Reader } from './support/reader.js'

const version = process.env['ROLLCALL_ZOOKEEPER_VERSION']
const server = await startServer('zookeeper', version === undefined ? {} : { version })
afterAll(() => server.stop())

describeAdapter(
  server.description,
  {
    open: (ttlMs) => opened(server.url, { ttlMs }),
    // The least that a server grants by default; the one here would grant less.
    ttlMs: 4_000,
    async writeGarbage(service, key) {
      const reader = await Reader.open(server.directPort)
      await reader.write(`/services/${service}/${key}`, 'no JSON')
      await reader.close()
    },
    outage: {
      freeze: { begin: () => server.freeze(), end: () => server.thaw() },
      cutOff: {
        begin: () => {
          server.refuse()
        },
        end: () => server.restore(),
      },
      restart: (data) => server.restart({ data: data === 'kept' ? 'keep' : 'wipe' }),
    },
  },
  { describe, it },
)
