import { instanceOf, openEtcd, within } from './open.js'

/** Run in a process of its own: registers, watches, closes, and must then come to its end by itself. */
const [url = '', mode] = process.argv.slice(2)
const adapter = openEtcd(url)
const over = new AbortController()
const limit = mode === 'up' ? within() : within(200)
const registered = adapter.register(instanceOf({ service: 'exit' }), 30_000, limit).catch(String)
const listings = adapter.watch('exit', mode === 'up' ? over.signal : limit)[Symbol.asyncIterator]()
await listings.next().catch(String)
await registered
over.abort()
await adapter.close(within(1_000))
process.on('exit', () => console.log('ended by itself'))
