import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { RollcallError } from '@rollcall/core'
import { keepWatching, type Watching } from '../../src/supervise/keep-watching.js'
import { always, rejections, supervise } from '../helpers.js'

interface Item {
  name: string
  askAgainMs?: number
}

/** A source whose every step a test decides; a pull beyond its steps hangs and hears no signal. */
function setup(...attempts: (Item | Error | 'return')[][]) {
  const clock = new ManualClock()
  const abort = new AbortController()
  const seen: string[] = []
  const pulls: number[] = []
  const failures: { error: unknown; inMs: number; at: number }[] = []
  const signals: AbortSignal[] = []
  let returned = 0
  const open = (signal: AbortSignal): AsyncIterable<Item> => {
    const steps = attempts[signals.length] ?? []
    signals.push(signal)
    return {
      [Symbol.asyncIterator]: () => ({
        async next() {
          pulls.push(clock.now())
          const step = steps.shift()
          if (step === undefined) return new Promise<never>(() => {})
          if (step instanceof Error) throw step
          return step === 'return' ? { done: true, value: undefined } : { done: false, value: step }
        },
        return: () => {
          returned++
          return new Promise<never>(() => {})
        },
      }),
    }
  }
  const watching: Watching<Item> = {
    what: 'etcd: watch of orders',
    open,
    firstMs: 5_000,
    quietMs: 30_000,
    onListing: ({ name }) => seen.push(name),
    onFailure: (error, inMs) => failures.push({ error, inMs, at: clock.now() }),
  }
  void keepWatching(supervise(clock, always(0.5)), abort.signal, watching)
  return { clock, abort, seen, pulls, failures, signals, returned: () => returned }
}

describe('keepWatching', () => {
  it('fails an attempt that yields no first listing within its limit, and waits for no return', async () => {
    const { clock, signals, failures, returned } = setup([], [{ name: 'one' }])
    await clock.advance(4_999)
    expect(failures).toEqual([])
    await clock.advance(1)
    expect(failures).toMatchObject([{ error: { code: 'TIMEOUT' }, inMs: 50 }])
    expect(signals[0]!.aborted).toBe(true)
    expect(returned()).toBe(1)
    await clock.advance(50)
    expect(signals).toHaveLength(2)
  })

  it('pulls no faster than every 100 ms, and no sooner than a listing asks', async () => {
    const { clock, pulls, seen } = setup([
      { name: 'one' },
      { name: 'two', askAgainMs: 20 },
      { name: 'three', askAgainMs: 700 },
      { name: 'four' },
    ])
    await clock.advance(2_000)
    expect(seen).toEqual(['one', 'two', 'three', 'four'])
    expect(pulls).toEqual([0, 100, 200, 900, 1_000])
  })

  it('replaces a quiet watch, without a failure, by one that lists anew', async () => {
    const { clock, signals, failures, seen } = setup([{ name: 'one' }], [{ name: 'again' }])
    // 100 ms between pulls, then 30 s and half of the quarter that chance may add.
    await clock.advance(100 + 33_749)
    expect(signals).toHaveLength(1)
    await clock.advance(1)
    expect(signals).toHaveLength(2)
    expect(signals[0]!.aborted).toBe(true)
    expect(failures).toEqual([])
    expect(seen).toEqual(['one', 'again'])
  })

  it('does not take an adapter whose request timed out for a quiet one', async () => {
    const timeout = new RollcallError('TIMEOUT', 'etcd: range gave no answer')
    const { clock, failures } = setup([{ name: 'one' }, timeout])
    await clock.advance(100)
    expect(failures).toMatchObject([{ error: timeout, inMs: 50 }])
  })

  it('counts a return as a throw', async () => {
    const { clock, failures, signals } = setup([{ name: 'one' }, 'return'], ['return'])
    await clock.advance(100)
    expect(failures).toMatchObject([{ error: { code: 'UNAVAILABLE' }, inMs: 50, at: 100 }])
    await clock.advance(50)
    // The listing made the wait short again; this attempt listed nothing, so the next wait is longer.
    expect(failures[1]).toMatchObject({ inMs: 100, at: 150 })
    await clock.advance(100)
    expect(signals).toHaveLength(3)
  })

  it('survives an adapter that throws before it gives an iterator, and listeners that throw', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const failures: unknown[] = []
    let opened = 0
    async function* one() {
      yield { name: 'one' }
    }
    void keepWatching<Item>(supervise(clock), abort.signal, {
      what: 'x',
      open() {
        if (++opened === 1) throw new Error('at once')
        return one()
      },
      firstMs: 5_000,
      quietMs: 30_000,
      onListing() {
        throw new Error('malformed')
      },
      onFailure: (error) => failures.push(error),
    })
    await clock.advance(100)
    expect(failures.slice(0, 2)).toMatchObject([{ message: 'at once' }, { message: 'malformed' }])
    abort.abort()
    await clock.settle()
    expect(clock.timers).toBe(0)
  })

  it('ends at once when aborted, wherever it stands, and leaves nothing', async () => {
    const { seen, stop } = rejections()
    for (const steps of [[], [{ name: 'one' }], [new Error('down')]]) {
      for (const ms of [0, 10, 150]) {
        const { clock, abort, signals } = setup(steps.slice())
        await clock.advance(ms)
        const opened = signals.length
        abort.abort(new Error('over'))
        await clock.settle()
        expect(clock.timers).toBe(0)
        await clock.advance(60_000)
        expect(signals).toHaveLength(opened)
        expect(signals.every(({ aborted }) => aborted)).toBe(true)
      }
    }
    stop()
    expect(seen).toEqual([])
  })
})
