import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { parseUrl, systemClock, systemRandom } from '@rollcall/core/adapter'
import { describeAdapter, FaultProxy, reservePorts } from '@rollcall/testing'
import { board } from './board-adapter.js'
import { createBoard } from './board-server.js'

// The store stands behind a proxy that can fall silent or refuse connections, as networks do.
const { server, forgetAll } = createBoard()
const { ports, release } = await reservePorts(1)
let proxy
let origin

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
  proxy = new FaultProxy(ports[0], { host: '127.0.0.1', port: server.address().port })
  await proxy.pass()
})

after(() => {
  proxy.close()
  server.close()
  release()
})

describeAdapter(
  'board',
  {
    open: (ttlMs) =>
      board.open(
        parseUrl(`board://127.0.0.1:${ports[0]}`),
        { pollMs: 100 },
        { clock: systemClock, random: systemRandom(), ttlMs, warn() {} },
      ),
    ttlMs: 500,
    writeGarbage: (service, key) =>
      fetch(`${origin}/services/${service}/${key}`, { method: 'PUT', body: '{"ttlMs":60000,"port":"none"}' }),
    outage: {
      freeze: { begin: () => proxy.blackhole(), end: () => proxy.pass() },
      cutOff: { begin: () => proxy.refuse(), end: () => proxy.pass() },
      restart: forgetAll,
      restartData: ['lost'],
    },
  },
  { describe, it },
)
