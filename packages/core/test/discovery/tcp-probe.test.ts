import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { ManualClock } from '@rollcall/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tcpProbe } from '../../src/discovery/tcp-probe.js'
import { instance } from '../selection/helpers.js'

describe('a probe of an address', () => {
  let server: Server
  let accepted = 0
  const at = (host = '127.0.0.1') => instance('a', { host, port: (server.address() as AddressInfo).port })
  const { signal } = new AbortController()

  beforeEach(async () => {
    accepted = 0
    server = createServer((socket) => {
      accepted++
      socket.destroy()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  afterEach(() => void server.close())

  test('is true where somebody listens, and leaves no timer', async () => {
    const clock = new ManualClock()
    expect(await tcpProbe(clock)(at(), signal)).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('is false where nobody listens', async () => {
    const gone = at()
    server.close()
    const clock = new ManualClock()
    expect(await tcpProbe(clock)(gone, signal)).toBe(false)
    expect(clock.timers).toBe(0)
  })

  test('is false once it is abandoned, and before it begins', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const asked = tcpProbe(clock)(at(), abort.signal)
    abort.abort()
    expect(await asked).toBe(false)
    expect(await tcpProbe(clock)(at(), abort.signal)).toBe(false)
    expect(accepted).toBe(0)
    expect(clock.timers).toBe(0)
  })

  test('believes an answer that came while this process itself stood still', async () => {
    let over: (() => void) | undefined
    const clock = Object.assign(new ManualClock(), {
      after: (_: number, fn: () => void) => ((over = fn), () => {}),
    })
    // Two timers of one turn of the event loop: the first begins to connect, and before anything can be heard the
    // second stands still and finds the limit over.
    const answer = new Promise((resolve) => {
      setTimeout(() => resolve(tcpProbe(clock)(at(), signal)))
      setTimeout(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
        over!()
      })
    })
    expect(await answer).toBe(true)
  })

  test('is false when nothing has answered within its limit', async () => {
    let over: (() => void) | undefined
    const clock = Object.assign(new ManualClock(), {
      after: (ms: number, fn: () => void) => {
        expect(ms).toBe(1_000)
        over = fn
        return () => {}
      },
    })
    // Without a connection ever begun: 192.0.2.1 is for documentation, and leads nowhere.
    const asked = tcpProbe(clock)(at('192.0.2.1'), signal)
    over!()
    expect(await asked).toBe(false)
  })
})
