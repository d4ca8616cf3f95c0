import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@rollcall/core'

// A real service: an HTTP server that announces itself, and leaves politely when it is asked to end.
const [url = 'local:', ttlMs] = process.argv.slice(2)

const server: Server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ order: request.url?.slice(1), servedBy: process.pid }))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

const registry = await connect(url, ttlMs === undefined ? {} : { ttlMs: Number(ttlMs) })
const announcement = await registry.announce({ service: 'orders', host: '127.0.0.1', port })
await announcement.registered()
process.send?.({ id: announcement.instance.id, port })

async function leave(): Promise<void> {
  const drain = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeIdleConnections()
    })
  await announcement.leave({ deadlineMs: 10_000, drain })
  await registry.close()
  if (process.connected) process.disconnect()
}

process.once('SIGTERM', () => void leave())
// The demo itself is gone: so are we.
process.once('disconnect', () => process.exit(1))
