import { once } from 'node:events'
import { createServer } from 'node:http'
import { openRegistry } from './registry.js'

const server = createServer((request, response) => response.end(`order ${request.url} by ${process.pid}`))
server.listen(0)
await once(server, 'listening')

const registry = await openRegistry()
const announcement = await registry.announce({
  service: 'orders',
  port: server.address().port,
  // Where callers are on other machines, leave this out, and the machine's own address is found.
  host: '127.0.0.1',
})
// Whether the store answered or not: from here on it is announced as long as this process lives.
console.log(`service ${process.pid}: ${announcement.instance.url} is ${announcement.state}`)

process.once('SIGTERM', async () => {
  const { released, drained } = await announcement.leave({
    drain: () => new Promise((resolve) => server.close(resolve)),
  })
  await registry.close()
  console.log(`service ${process.pid}: left (off the list: ${released}, calls finished: ${drained})`)
})
