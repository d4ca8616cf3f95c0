import { expect, test } from 'vitest'
import { startServer } from '@rollcall/testing'
import { parseUrl, checkUrl, readInstance, systemClock, systemRandom } from '@rollcall/core/adapter'
import { zookeeper } from '../src/index.js'

for (const version of ['3.9.6', '3.8.0'])
test('trial ' + version, async () => {
  const server = await startServer('zookeeper', { how: 'process', version })
  try {
    const url = checkUrl(parseUrl(server.url), zookeeper.accepts)
    const open = () => zookeeper.open(url, { acl: 'open' } as never, { clock: systemClock, random: systemRandom(), ttlMs: 4000, warn: console.log })
    const a = open(), b = open()
    const ctl = new AbortController()
    const it = a.watch('orders', ctl.signal)[Symbol.asyncIterator]()
    console.log('1', JSON.stringify((await it.next()).value))
    const inst = readInstance({ service: 'orders', id: 'a', host: '10.0.0.1', port: 80, incarnation: 'x1' })
    const lease = await b.register!(inst, 4000, ctl.signal)
    console.log(lease.ttlMs)
    console.log('2', JSON.stringify((await it.next()).value))
    await b.register!(readInstance({ ...inst, weight: 5 }), 4000, ctl.signal)
    console.log('3', JSON.stringify((await it.next()).value))
    const sit = a.watchServices!(ctl.signal)[Symbol.asyncIterator]()
    console.log(await sit.next())
    await b.release!(inst, ctl.signal)
    console.log('4', JSON.stringify((await it.next()).value))
    console.log(await sit.next())
    ctl.abort(new Error('bye'))
    await expect(it.next()).rejects.toThrow('bye')
    await a.close!(AbortSignal.timeout(1000)); await b.close!(AbortSignal.timeout(1000))
  } finally { await server.stop() }
})
