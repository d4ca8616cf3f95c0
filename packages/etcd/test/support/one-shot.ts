import { instanceOf, openEtcd, within } from './open.js'

/** Run in a process of its own: registers, watches, closes, and must then come to its end by itself. */
const [url = '', mode] = process.argv.slice(2)
const adapter = openEtcd(url)
const over = new AbortController()
const limit = mode === 'up' ? within() : within(200)
const mayFail = (done: Promise<unknown>) => (mode === 'up' ? done : done.catch(String))
const registered = mayFail(adapter.register(instanceOf({ service: 'exit' }), 60_000, limit))
const listings = adapter.watch('exit', mode === 'up' ? over.signal : limit)[Symbol.asyncIterator]()
await Promise.all([registered, mayFail(listings.next())])
over.abort()
await adapter.close(mode === 'up' ? within() : within(1_000))
process.on('exit', () => console.log('ended by itself'))
