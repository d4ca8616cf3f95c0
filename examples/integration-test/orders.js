import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from '@rollcall/core'

/** A service as you may have it: it answers by HTTP, and is announced while it runs. */
export async function startOrders(registryUrl, options) {
  const server = createServer((request, response) => response.end(`order ${request.url}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const registry = await connect(registryUrl, options)
  const { port } = server.address()
  const announcement = await registry.announce({ service: 'orders', host: '127.0.0.1', port })
  return {
    announcement,
    async stop() {
      await registry.close()
      server.close()
    },
  }
}
