import { ManualClock } from '@rollcall/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { LifeSigns } from '../../src/wire/life-signs.js'

const timeoutMs = 9_000

/** Stands still like our own process: it jumps, and what was due runs when the test says so. */
class StalledClock extends ManualClock {
  at = 0
  due: () => void = () => {}

  override now(): number {
    return this.at
  }

  override after(_: number, fn: () => void): () => void {
    this.due = fn
    return () => {}
  }
}

describe('signs of life', () => {
  let clock: StalledClock
  let signs: LifeSigns
  let pings: number
  let silentMs: number | undefined

  beforeEach(() => {
    clock = new StalledClock()
    pings = 0
    silentMs = undefined
    const ping = (): void => {
      pings++
      signs.sent()
    }
    signs = new LifeSigns(clock, timeoutMs, { ping, giveUp: (ms) => (silentMs = ms) })
    signs.start()
    clock.at = 3_000
    clock.due()
  })

  /** What was due runs in Node's turn for timers, after `before` and ahead of whatever came in. */
  function runLate(before: () => void): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(() => {
        before()
        clock.due()
        // Two turns of the event loop: all that this one woke is done.
        setImmediate(() => setImmediate(resolve))
      })
    })
  }

  it('that came while our own process stood still are read before the server is given up', async () => {
    // Node delivers it where it delivers what sockets received.
    const { port1: server, port2: received } = new MessageChannel()
    received.on('message', () => signs.heard(false))
    await runLate(() => {
      server.postMessage('pong', [])
      clock.at = 60_000
    })
    expect(silentMs).toBeUndefined()
    expect(signs.heardAt).toBe(60_000)
    // It goes on watching, from the ping that was overdue.
    expect(pings).toBe(2)
    await runLate(() => (clock.at = 66_000))
    expect(silentMs).toBe(6_000)
    server.close()
  })

  it('that never came end in giving up', async () => {
    expect(pings).toBe(1)
    await runLate(() => (clock.at = 6_000))
    expect(silentMs).toBe(6_000)
  })

  it('are nothing to give up for once the connection is stopped', async () => {
    await runLate(() => {
      clock.at = 6_000
      queueMicrotask(() => signs.stop())
    })
    expect(silentMs).toBeUndefined()
  })
})
