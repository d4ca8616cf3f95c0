// A real service process for tests: `count` HTTP servers, each announced. Talks to its parent by IPC:
// tells { ready } once all are announced or being announced, ends by itself after 'close' or 'leave', and tells
// { closedInMs } before.
import { createServer } from 'node:http'
import { connect } from '@rollcall/core'

const { url, options, service = 'orders', count = 1 } = JSON.parse(process.argv[2])
const tell = (message) => process.connected && process.send(message)
process.on('unhandledRejection', (error) => {
  tell({ unhandled: String(error?.stack ?? error) })
  process.exitCode = 9
})

const registry = await connect(url, options)
const servers = []
const announcements = []
for (let i = 0; i < count; i++) {
  const server = createServer((_, response) => response.end(String(process.pid)))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  announcements.push(await registry.announce({ service, host: '127.0.0.1', port: server.address().port }))
}
tell({ ready: announcements.map(({ instance, state }) => ({ id: instance.id, state })) })

const shut = () =>
  Promise.all(
    servers.map((server) => {
      server.closeIdleConnections()
      return new Promise((resolve) => server.close(resolve))
    }),
  )

process.on('message', async (message) => {
  if (message === 'leave') await Promise.all(announcements.map((announcement) => announcement.leave()))
  const began = performance.now()
  await registry.close()
  tell({ closedInMs: performance.now() - began })
  await shut()
  // Nothing of ours may hold the process now: it has to end by itself.
  process.disconnect()
})
