import fc from 'fast-check'
import { createServer } from 'node:http'
import { ManualClock } from '@rollcall/testing'
import { describe, expect, it } from 'vitest'
import { xorshift32 } from '@rollcall/core/adapter'
import { planProbe } from '../../src/health/probe-plan.js'
import { Prober } from '../../src/health/prober.js'
import { Endpoint } from '../../src/selection/endpoint.js'
import { always, instance } from '../helpers.js'
import { gaps, probing } from './helpers.js'
import { listening } from './loopback.js'

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `e${i}`)
const never = (): Promise<boolean> => new Promise(() => {})

describe('when it probes', () => {
  it('comes for the first time at random within an interval, then an interval after the last has ended', async () => {
    const p = probing({ intervalMs: 1_000, jitter: 0, random: always(0.25) })
    p.check = (_, signal) => new Promise((resolve) => p.clock.after(100, () => resolve(!signal.aborted)))
    await p.clock.advance(3_500)
    expect(p.times()).toEqual([250, 1_350, 2_450])
  })

  it('is 5 s by default, and longer by the jitter', async () => {
    const plain = probing({ jitter: 0 })
    await plain.clock.advance(60_000)
    expect(gaps(plain.times()).every((gap) => gap === 5_000)).toBe(true)
    const jittered = probing({ jitter: 0.5 })
    await jittered.clock.advance(600_000)
    const seen = gaps(jittered.times())
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(5_000)
    expect(Math.max(...seen)).toBeLessThanOrEqual(7_500)
    expect(Math.max(...seen) - Math.min(...seen)).toBeGreaterThan(2_000)
  })

  it('keeps every interval within its jitter, whatever the settings', async () => {
    const settings = fc.record({
      intervalMs: fc.integer({ min: 10, max: 20_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer(),
    })
    await fc.assert(
      fc.asyncProperty(settings, async ({ intervalMs, jitter, seed }) => {
        const p = probing({ intervalMs, jitter, random: xorshift32(seed) })
        await p.clock.advance(intervalMs * 20)
        p.prober.close()
        expect(p.times()[0]).toBeLessThan(intervalMs)
        for (const gap of gaps(p.times())) {
          expect(gap).toBeGreaterThanOrEqual(intervalMs - 0.001)
          expect(gap).toBeLessThanOrEqual(intervalMs * (1 + jitter) + 0.001)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('comes sooner while the verdict is in doubt, on the way out and on the way back', async () => {
    const p = probing({ intervalMs: 10_000, edgeMs: 500, jitter: 0, random: always(0) })
    const failed = new Set([1, 2, 3, 4, 6])
    p.check = () => !failed.has(p.made.length - 1)
    await p.clock.advance(60_000)
    //                             passed  fails       failing         back
    expect(gaps(p.times())).toEqual([10_000, 500, 500, 10_000, 10_000, 500, 10_000, 500, 10_000])
    expect(p.settled).toEqual(['a passing', 'a failing the check returned false', 'a passing'])
  })

  it('has an edge of 1 s by default, or of the interval if that is less', async () => {
    const usual = probing({ jitter: 0, random: always(0) })
    usual.check = () => false
    await usual.clock.advance(2_000)
    expect(usual.times()).toEqual([0, 1_000, 2_000])
    const short = probing({ intervalMs: 400, jitter: 0, random: always(0) })
    short.check = () => false
    await short.clock.advance(800)
    expect(short.times()).toEqual([0, 400, 800])
  })

  it('rests for 60 s while nobody calls, and not the first time', async () => {
    const p = probing({ jitter: 0, random: always(0.5) })
    p.lastCallAt = -Infinity
    await p.clock.advance(200_000)
    expect(p.times()).toEqual([2_500, 62_500, 122_500, 182_500])
  })

  it('rests as long as noTrafficMs says, once that long has passed without a call', async () => {
    const p = probing({ intervalMs: 1_000, noTrafficMs: 5_000, jitter: 0, random: always(0) })
    p.lastCallAt = 0
    await p.clock.advance(20_000)
    expect(p.times()).toEqual([0, 1_000, 2_000, 3_000, 4_000, 9_000, 14_000, 19_000])
  })

  it('is at work again within an interval of the first call', async () => {
    const p = probing({ intervalMs: 1_000, jitter: 0, random: always(0) })
    p.lastCallAt = -Infinity
    await p.clock.advance(30_500)
    p.lastCallAt = p.clock.now()
    await p.clock.advance(3_000)
    expect(p.times()).toEqual([0, 31_000, 32_000, 33_000])
  })

  it('clears a doubt up although nobody calls', async () => {
    const p = probing({ jitter: 0, random: always(0) })
    p.lastCallAt = -Infinity
    p.check = () => false
    await p.clock.advance(30_000)
    expect(p.times()).toEqual([0, 1_000, 2_000])
    expect(p.settled).toEqual(['a failing the check returned false'])
  })
})

describe('whom it probes', () => {
  it('spreads a thousand over the interval', async () => {
    const p = probing({ ids: ids(1_000), intervalMs: 10_000, jitter: 0 })
    await p.clock.advance(10_000)
    expect(p.made).toHaveLength(1_000)
    const perSecond = Array.from(
      { length: 10 },
      (_, second) => p.made.filter(({ at }) => Math.floor(at / 1_000) === second).length,
    )
    expect(Math.max(...perSecond)).toBeLessThan(140)
    expect(Math.min(...perSecond)).toBeGreaterThan(60)
    p.prober.close()
  })

  it('neither hurries nor starts again for a snapshot that changed', async () => {
    const p = probing({ intervalMs: 1_000, jitter: 0, random: always(0.5) })
    for (let i = 0; i < 40; i++) {
      p.prober.update()
      await p.clock.advance(100)
    }
    expect(p.times()).toEqual([500, 1_500, 2_500, 3_500])
  })

  it('spreads a set of which every endpoint is new', async () => {
    const p = probing({ ids: ids(100), intervalMs: 10_000, jitter: 0 })
    await p.clock.advance(10_000)
    p.endpoints = ids(100).map((id) => new Endpoint(instance(`new-${id}`)))
    p.prober.update()
    const before = p.made.length
    await p.clock.advance(1_000)
    expect(p.made.length - before).toBeLessThan(25)
    await p.clock.advance(9_000)
    expect(p.made.length - before).toBe(100)
    p.prober.close()
  })

  it('probes who has left no more, and tells nothing of it', async () => {
    const p = probing({ ids: ['a', 'b'], random: always(0) })
    let signal: AbortSignal | undefined
    p.check = (probed, given) => {
      if (probed.id !== 'a') return true
      signal = given
      return never()
    }
    await p.clock.advance(10)
    p.endpoints = p.endpoints.slice(1)
    p.prober.update()
    expect(signal!.aborted).toBe(true)
    await p.clock.advance(60_000)
    expect(p.times('a')).toHaveLength(1)
    expect(p.times('b').length).toBeGreaterThan(5)
    expect(p.settled).toEqual(['b passing'])
  })

  it('leaves `down` ones alone, and takes them up when they are up', async () => {
    const p = probing()
    p.endpoints[0]!.instance = instance('a', { status: 'down' })
    p.prober.update()
    await p.clock.advance(20_000)
    expect(p.times()).toEqual([])
    p.endpoints[0]!.instance = instance('a')
    p.prober.update()
    await p.clock.advance(5_000)
    expect(p.times()).toHaveLength(1)
  })

  it('hands the check the latest description', async () => {
    const p = probing({ random: always(0), intervalMs: 1_000 })
    const seen: (string | undefined)[] = []
    p.check = ({ version }) => Boolean(seen.push(version))
    await p.clock.advance(0)
    p.endpoints[0]!.instance = instance('a', { version: '2' })
    await p.clock.advance(1_000)
    expect(seen).toEqual([undefined, '2'])
  })

  it('makes a new check when the scheme changes', async () => {
    const p = probing({ random: always(0.5), intervalMs: 1_000, jitter: 0 })
    await p.clock.advance(600)
    p.endpoints[0]!.instance = instance('a', { scheme: 'https' })
    p.prober.update()
    await p.clock.advance(500)
    expect(p.times()).toEqual([500, 1_100])
  })

  it('ends all at once when it is closed', async () => {
    const p = probing({ ids: ids(100), atOnce: 10, random: always(0) })
    const signals: AbortSignal[] = []
    p.check = (_, signal) => {
      signals.push(signal)
      return never()
    }
    await p.clock.advance(10)
    p.prober.close()
    await p.clock.settle()
    expect(signals).toHaveLength(10)
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(p.clock.timers).toBe(0)
    p.prober.update()
    await p.clock.advance(60_000)
    expect(p.made).toHaveLength(10)
    expect(p.settled).toEqual([])
  })
})

describe('the connections that it keeps', () => {
  it.each(['leaving', 'closing'])('end with %s', async (how) => {
    const closed: Promise<void>[] = []
    const server = createServer((_, response) => void response.end())
    server.keepAliveTimeout = 0 // never
    server.on('connection', (socket) => {
      closed.push(new Promise((resolve) => socket.on('close', () => resolve())))
    })
    const at = await listening(server)
    let endpoints = [new Endpoint(at.instance())]
    let settled = (): void => {}
    const passed = new Promise<void>((resolve) => (settled = resolve))
    const probed = { endpoints: () => endpoints, settleProbe: () => settled(), lastCallAt: () => 0 }
    const clock = new ManualClock()
    const prober = new Prober({ probed, clock, random: always(0), plan: planProbe('http') })
    await clock.advance(0)
    await passed
    endpoints = []
    if (how === 'leaving') prober.update()
    else prober.close()
    expect(closed).toHaveLength(1)
    await closed[0]
    prober.close()
    expect(clock.timers).toBe(0)
  })
})

describe('how many at once', () => {
  it.each([1, 5, undefined])('are at most %s', async (atOnce) => {
    const most = atOnce ?? 32
    const p = probing({ ids: ids(200), ...(atOnce !== undefined && { atOnce }), random: always(0) })
    let running = 0
    let peak = 0
    p.check = () => {
      peak = Math.max(peak, ++running)
      return new Promise((resolve) => p.clock.after(10, () => resolve(running-- > 0)))
    }
    await p.clock.advance(10 * Math.ceil(200 / most))
    expect(p.made.length).toBeGreaterThanOrEqual(200)
    expect(peak).toBe(most)
    p.prober.close()
  })

  it('are never more, however checks end and endpoints come and go', async () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 500 })), {
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), steps, fc.integer(), async (atOnce, plan, seed) => {
        const random = xorshift32(seed)
        const p = probing({ ids: ids(10), atOnce, intervalMs: 100, timeoutMs: 50, random })
        let running = 0
        let peak = 0
        p.check = (_, signal) => {
          peak = Math.max(peak, ++running)
          const end = new Promise<boolean>((resolve, reject) => {
            p.clock.after(Math.abs(random() % 100), () => resolve(random() > 0))
            signal.addEventListener('abort', () => reject(signal.reason))
          })
          return end.finally(() => running--)
        }
        for (const [size, ms] of plan) {
          p.endpoints = [...p.endpoints.slice(0, size), ...ids(size).map((id) => new Endpoint(instance(id)))]
          p.prober.update()
          await p.clock.advance(ms)
        }
        p.prober.close()
        await p.clock.settle()
        expect(running).toBe(0)
        expect(peak).toBeLessThanOrEqual(atOnce)
      }),
      { numRuns: 50 },
    )
  })

  it('goes on when some hang: each costs its place for a second', async () => {
    const p = probing({ ids: ids(4), atOnce: 1, random: always(0) })
    p.check = () => never()
    await p.clock.advance(3_999)
    expect(p.made.map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000])
  })
})

describe('what it tells', () => {
  it('says passing with the first pass, failing with the third failure', async () => {
    const p = probing({ ids: ['a', 'b'], random: always(0) })
    p.check = ({ id }) => id === 'a'
    await p.clock.advance(1_999)
    expect(p.settled).toEqual(['a passing'])
    await p.clock.advance(200)
    expect(p.settled).toEqual(['a passing', 'b failing the check returned false'])
  })

  it.each([
    [{ unhealthyAfter: 1 }, 1],
    [{ unhealthyAfter: 5 }, 5],
  ])('with %j it needs %i failures', async (options, needed) => {
    const p = probing({ ...options, random: always(0) })
    const toldAt: number[] = []
    p.check = () => {
      toldAt.push(p.settled.length)
      return false
    }
    await p.clock.advance(30_000)
    expect(toldAt.indexOf(1)).toBe(needed)
    expect(p.settled).toHaveLength(1)
  })

  it.each([
    [{}, 2],
    [{ healthyAfter: 1 }, 1],
    [{ healthyAfter: 4 }, 4],
  ])('with %j it needs %i passes to return', async (options, needed) => {
    const p = probing({ ...options, unhealthyAfter: 1, jitter: 0, random: always(0) })
    p.check = () => p.made.length > 1
    await p.clock.advance(60_000)
    expect(p.settled).toEqual(['a failing the check returned false', 'a passing'])
    expect(p.settledAt).toEqual([0, 5_000 + (needed - 1) * 1_000])
  })

  it('fails a check that takes longer than timeoutMs', async () => {
    const p = probing({ timeoutMs: 200, unhealthyAfter: 1, random: always(0) })
    p.check = (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    await p.clock.advance(199)
    expect(p.settled).toEqual([])
    await p.clock.advance(1)
    expect(p.settled).toEqual(['a failing the probe gave no answer for 200 ms'])
  })

  it('fails a check that throws, at once or later, or returns what is no answer', async () => {
    const p = probing({ ids: ['a', 'b', 'c'], unhealthyAfter: 1, random: always(0) })
    p.check = ({ id }) => {
      if (id === 'a') throw new Error('no disk')
      return id === 'b' ? Promise.reject(new Error('no memory')) : ({ status: 500 } as never)
    }
    await p.clock.advance(0)
    expect(p.settled.toSorted()).toEqual([
      'a failing no disk',
      'b failing no memory',
      'c failing the check returned an object: return true, false or nothing',
    ])
  })

  it('never starts a check that ignores its signal a second time', async () => {
    const p = probing({ random: always(0) })
    p.check = () => never()
    await p.clock.advance(60_000)
    expect(p.made).toHaveLength(1)
    expect(p.settled).toEqual(['a failing the check before has not ended yet'])
  })

  it('tells every pass of an endpoint that is ejected, and of no other', async () => {
    const p = probing({ intervalMs: 1_000, jitter: 0, random: always(0) })
    await p.clock.advance(2_000)
    expect(p.settled).toEqual(['a passing'])
    p.endpoints[0]!.ejectedFor = 'failures'
    await p.clock.advance(2_000)
    expect(p.settled).toEqual(['a passing', 'a passing', 'a passing'])
    p.endpoints[0]!.ejectedFor = undefined
    await p.clock.advance(2_000)
    expect(p.settled).toHaveLength(3)
  })

  it('tells every pass of one that the store lists no more and that failed a call', async () => {
    const p = probing({ intervalMs: 1_000, jitter: 0, random: always(0) })
    await p.clock.advance(500)
    p.endpoints[0]!.consecutiveFailures = 1
    await p.clock.advance(1_000)
    expect(p.settled).toEqual(['a passing'])
    p.endpoints[0]!.held = true
    await p.clock.advance(1_000)
    expect(p.settled).toEqual(['a passing', 'a passing'])
  })

  it('returns no ejected endpoint that probes themselves hold for failing', async () => {
    const p = probing({ unhealthyAfter: 1, healthyAfter: 3, random: always(0), jitter: 0 })
    p.check = () => p.made.length > 1
    p.endpoints[0]!.ejectedFor = 'failures'
    await p.clock.advance(6_999)
    expect(p.times()).toEqual([0, 5_000, 6_000])
    expect(p.settled).toEqual(['a failing the check returned false'])
    await p.clock.advance(1)
    expect(p.settled).toEqual(['a failing the check returned false', 'a passing'])
  })
})
