import { createServer } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { reservePorts } from '../../src/servers/index.js'

test('gives ports that can be listened on and that nobody else is given', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => reservePorts(4)))
  const ports = all.flatMap((reserved) => reserved.ports)
  expect(new Set(ports).size).toBe(80)
  const listener = createServer().listen(ports[0], '127.0.0.1')
  await once(listener, 'listening')
  listener.close()
  all.forEach((reserved) => reserved.release())
})
