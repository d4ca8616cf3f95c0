import { connect } from '@rollcall/core'

// Announces many instances from one process, and tells its parent once the first attempt at each is over.
const [url = '', count = '1', basePort = '20000', ttlMs = '15000'] = process.argv.slice(2)

const registry = await connect(url, { ttlMs: Number(ttlMs) })
const ports = Array.from({ length: Number(count) }, (_, i) => Number(basePort) + i)
await Promise.all(ports.map((port) => registry.announce({ service: 'orders', host: '127.0.0.1', port })))
process.send?.('announced')

process.once('disconnect', () => void registry.close())
