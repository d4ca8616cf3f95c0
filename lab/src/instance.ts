import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@rollcall/core'
import { errorShare, longestWorkMs, shortestWorkMs, slowByMs, type Manner } from './calls/manner.js'

// A real service: an HTTP server that announces itself, misbehaves when its parent says so and leaves when told to.
const [url = '', port = '0'] = process.argv.slice(2)
let manner: Manner = 'well'

const server = createServer((request, response) => void answer(request, response))
await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve))
const address = server.address() as AddressInfo

const registry = await connect(url)
const announcement = await registry.announce({ service: 'orders', host: '127.0.0.1', port: address.port })
await announcement.registered()
process.send?.({ id: announcement.instance.id, port: address.port })

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (manner === 'resets') return void request.socket.resetAndDestroy()
  await sleep(workMs())
  response.statusCode = manner === 'errors' && Math.random() < errorShare ? 503 : 200
  response.end('an order')
}

function workMs(): number {
  const ms = shortestWorkMs + Math.random() * (longestWorkMs - shortestWorkMs)
  return manner === 'slow' ? ms + slowByMs : ms
}

async function leave(): Promise<void> {
  const drain = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  await announcement.leave({ drain })
  await registry.close()
  process.disconnect()
}

process.on('message', (message: Manner | 'leave') => {
  if (message === 'leave') void leave()
  else manner = message
})
// The lab itself is gone: so are we. After leaving there is nothing left to hold us anyway.
process.once('disconnect', () => process.exit(0))
