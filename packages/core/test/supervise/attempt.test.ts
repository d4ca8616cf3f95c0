import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import { attempt, follower } from '../../src/supervise/attempt.js'
import { readOnce } from '../../src/supervise/read-once.js'
import { Changes } from '../../src/changes.js'
import { rejections, watched } from '../helpers.js'

function setup() {
  const clock = new ManualClock()
  const parent = new AbortController()
  const limits = { clock, limitMs: 1000, signal: parent.signal, what: 'etcd: register' }
  return { clock, parent, limits }
}

describe('attempt', () => {
  it('gives the verb a signal of its own and aborts it when the attempt has succeeded', async () => {
    const { clock, limits, parent } = setup()
    let own: AbortSignal | undefined
    const result = await attempt(limits, async (signal) => {
      own = signal
      expect(signal.aborted).toBe(false)
      return 7
    })
    expect(result).toBe(7)
    expect(own?.aborted).toBe(true)
    expect(parent.signal.aborted).toBe(false)
    expect(clock.timers).toBe(0)
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0)
  })

  it('aborts it when the attempt has failed, and passes the error on', async () => {
    const { clock, limits } = setup()
    let own: AbortSignal | undefined
    const failing = attempt(limits, async (signal) => {
      own = signal
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(own?.aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('does not wait for a verb that ignores its signal', async () => {
    const { clock, limits } = setup()
    const result = watched(attempt(limits, () => new Promise(() => {})))
    await clock.advance(999)
    expect(result.settled).toBe(false)
    await clock.advance(1)
    await clock.settle()
    expect(result.error).toMatchObject({
      code: 'TIMEOUT',
      message: 'etcd: register gave no answer for 1000 ms',
    })
    expect(clock.timers).toBe(0)
  })

  it('ends with its parent, with the reason of the parent', async () => {
    const { clock, limits, parent } = setup()
    const reason = new Error('closing')
    const result = watched(attempt(limits, () => new Promise(() => {})))
    parent.abort(reason)
    await clock.settle()
    expect(result.error).toBe(reason)
    await expect(attempt(limits, async () => 1)).rejects.toBe(reason)
    expect(clock.timers).toBe(0)
  })

  it('leaves no rejection behind when the verb throws at once, or fails long after its time', async () => {
    const { clock, limits } = setup()
    const { seen, stop } = rejections()
    const thrower = (): Promise<void> => {
      throw new Error('at once')
    }
    await expect(attempt(limits, thrower)).rejects.toThrow('at once')
    let fail = (_: Error): void => {}
    const late = watched(attempt(limits, () => new Promise((_, reject) => (fail = reject))))
    await clock.advance(1000)
    fail(new Error('late'))
    await clock.settle()
    await clock.settle()
    stop()
    expect(late.error).toMatchObject({ code: 'TIMEOUT' })
    expect(seen).toEqual([])
  })
})

describe('follower', () => {
  it('leaves no listener on its parent once it has ended', () => {
    const parent = new AbortController()
    const own = follower(parent.signal)
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1)
    own.end(new Error('over'))
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0)
    expect(own.signal.aborted).toBe(true)
  })

  it('is aborted from the start under a parent that is', () => {
    const reason = new RollcallError('CLOSED', 'over')
    expect(follower(AbortSignal.abort(reason)).signal.reason).toBe(reason)
  })
})

describe('changes', () => {
  it('are asked about now and after every change, and leave nothing on the signal', async () => {
    const { signal } = new AbortController()
    const changes = new Changes()
    let value = 0
    let asked = 0
    const reached = changes.until(() => ++asked > 0 && value === 2, signal)
    for (value = 1; value <= 2; value++) changes.tell()
    await reached
    changes.tell()
    expect(asked).toBe(3)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('reject who waits with the reason of the signal', async () => {
    const abort = new AbortController()
    const changes = new Changes()
    const waiting = changes.until(() => false, abort.signal)
    abort.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await expect(changes.until(() => false, abort.signal)).rejects.toBe('enough')
    await expect(changes.until(() => true, abort.signal)).resolves.toBeUndefined()
  })
})

describe('readOnce', () => {
  it('takes what is yielded first and does not wait for the iterator to return', async () => {
    const { clock, limits } = setup()
    let signal: AbortSignal | undefined
    const first = readOnce(limits, (own) => {
      signal = own
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false as const, value: 'set' }),
          return: () => new Promise<never>(() => {}),
        }),
      }
    })
    await expect(first).resolves.toBe('set')
    expect(signal?.aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('takes a return for a failure', async () => {
    const { limits } = setup()
    async function* nothing(): AsyncGenerator<string> {}
    await expect(readOnce(limits, nothing)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
