import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { instance } from '../helpers.js'
import { checking, listening, refusing } from './loopback.js'

it('passes where a connection opens, and sends nothing', async () => {
  let bytes = 0
  const ended: Promise<void>[] = []
  const server = createServer((socket) => {
    socket.on('data', (part) => (bytes += part.length))
    ended.push(new Promise((resolve) => socket.on('close', () => resolve())))
  })
  const at = await listening(server)
  expect(await checking({ check: 'tcp' }, at.instance()).ask()).toBe('passed')
  await ended[0]
  expect(bytes).toBe(0)
})

it('fails where nobody listens', async () => {
  const nobody = await refusing(createServer())
  expect(await checking({}, nobody).ask()).toMatch(/ECONNREFUSED/)
})

it('ends at once when it is aborted', async () => {
  // TEST-NET-1: nobody answers, or there is no way there at all.
  const nowhere = instance('a', { host: '192.0.2.1', port: 9 })
  const over = new AbortController()
  const probe = checking({}, nowhere).run(nowhere, over.signal)
  over.abort()
  await expect(probe).rejects.toThrow()
})
