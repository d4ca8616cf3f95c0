import { parseUrl, readInstance, sleep, systemClock, systemRandom } from '@rollcall/core/adapter'
import { local } from '../../../src/embedded/local.js'

// Registers `orders/ID` in DIR and keeps it alive, as core would; tells its parent what happens.
const [dir = '', id = '', ttl = '', incarnation = ''] = process.argv.slice(-4)
const context = { clock: systemClock, random: systemRandom(), ttlMs: Number(ttl), warn() {} }
const adapter = local.open(parseUrl('local:'), { dir }, context)
const instance = readInstance({ service: 'orders', id, host: '127.0.0.1', port: 80, incarnation })

let code: string | undefined
do {
  try {
    const lease = await adapter.register!(instance, Number(ttl), new AbortController().signal)
    console.log('registered')
    for (;;) {
      await sleep(systemClock, lease.ttlMs / 3)
      await lease.renew(new AbortController().signal)
    }
  } catch (error) {
    code = (error as { code?: string }).code
    console.log(code)
  }
} while (code === 'LEASE_LOST')
