import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import { xorshift32 } from '@rollcall/core/adapter'
import { Backoff } from '../../src/supervise/backoff.js'
import { keepTrying } from '../../src/supervise/keep-trying.js'
import { always, supervise, watched } from '../helpers.js'

const range = { maxMs: 5_000, refusedMs: 30_000 }
const fault = new Error('down')
const refused = new RollcallError('MISCONFIGURED', 'bad token')

describe('backoff', () => {
  it('doubles its ceiling from 100 ms up to the longest wait, and starts again after a reset', () => {
    const backoff = new Backoff(always(0.5), range)
    const waits = Array.from({ length: 8 }, () => backoff.next(fault))
    expect(waits).toEqual([50, 100, 200, 400, 800, 1600, 2500, 2500])
    backoff.reset()
    expect(backoff.next(fault)).toBe(50)
  })

  it('draws from nothing up to the ceiling, all of it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 12 }), (seed, before) => {
        const backoff = new Backoff(xorshift32(seed), range)
        for (let i = 0; i < before; i++) backoff.next(fault)
        const wait = backoff.next(fault)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThan(Math.min(100 * 2 ** before, 5_000))
      }),
    )
    expect(new Backoff(always(0), range).next(fault)).toBe(0)
    expect(new Backoff(always(0.999), range).next(fault)).toBeCloseTo(99.9, 1)
  })

  it('waits about 30 s after a refusal, and the refusal does not lengthen other waits', () => {
    expect(new Backoff(always(0), range).next(refused)).toBe(15_000)
    expect(new Backoff(always(0.999), range).next(refused)).toBeCloseTo(44_970, 0)
    const backoff = new Backoff(always(0.5), range)
    for (let i = 0; i < 5; i++) backoff.next(refused)
    expect(backoff.next(fault)).toBe(50)
  })

  it('respects a longest wait under the first ceiling', () => {
    const backoff = new Backoff(always(0.5), { maxMs: 10, refusedMs: 10 })
    expect([backoff.next(fault), backoff.next(fault)]).toEqual([5, 5])
  })
})

describe('keepTrying', () => {
  it('tries again after a backoff for every throw, tells of each, and at once after a return', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const at: number[] = []
    const failures: number[] = []
    const once = async (): Promise<void> => {
      at.push(clock.now())
      if (at.length <= 3) throw fault
      if (at.length === 5) await new Promise(() => {})
    }
    void keepTrying(supervise(clock), abort.signal, once, (_, inMs) => failures.push(inMs))
    await clock.advance(10_000)
    expect(failures).toEqual([50, 100, 200])
    expect(at).toEqual([0, 50, 150, 350, 350])
  })

  it('starts from the short end after the first sign of success', async () => {
    const clock = new ManualClock()
    const waits: number[] = []
    let attempts = 0
    const once = async (succeeded: () => void): Promise<void> => {
      if (++attempts === 4) succeeded()
      throw fault
    }
    const abort = new AbortController()
    void keepTrying(supervise(clock), abort.signal, once, (_, inMs) => waits.push(inMs))
    await clock.advance(500)
    expect(waits.slice(0, 5)).toEqual([50, 100, 200, 50, 100])
    abort.abort()
    expect(clock.timers).toBe(0)
  })

  it('never gives up', async () => {
    const clock = new ManualClock()
    let attempts = 0
    const once = async (): Promise<void> => {
      attempts++
      throw fault
    }
    void keepTrying(supervise(clock), new AbortController().signal, once, () => {})
    await clock.advance(3_600_000)
    expect(attempts).toBeGreaterThan(1_400)
  })

  it('ends when aborted: within the wait, and while trying; the end is no failure', async () => {
    const clock = new ManualClock()
    for (const once of [
      () => Promise.reject(fault),
      (_: unknown, signal?: AbortSignal) => untilOver(signal),
    ]) {
      const abort = new AbortController()
      let failures = 0
      const ended = watched(
        keepTrying(
          supervise(clock),
          abort.signal,
          () => once(undefined, abort.signal),
          () => void failures++,
        ),
      )
      await clock.settle()
      const before = failures
      abort.abort(new Error('over'))
      await clock.settle()
      expect(ended).toMatchObject({ settled: true })
      expect(ended.error).toBeUndefined()
      expect(failures).toBe(before)
      expect(clock.timers).toBe(0)
    }
  })
})

function untilOver(signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}
