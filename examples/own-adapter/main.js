import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from '@rollcall/core'
import { board } from './board-adapter.js'
import { createBoard } from './board-server.js'

const listening = async (server) => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

const store = createBoard().server
const registry = await connect(`board://127.0.0.1:${await listening(store)}`, { adapters: [board] })

const service = createServer((request, response) => response.end(`order ${request.url}`))
await registry.announce({ service: 'orders', host: '127.0.0.1', port: await listening(service) })

const orders = registry.service('orders')
const reply = await orders.call(({ url }, { signal }) => fetch(new URL('/42', url), { signal }), {
  idempotent: true,
})
console.log(await reply.text())

await registry.close()
store.close()
service.close()
