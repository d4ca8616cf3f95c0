import { describe, expect, test } from 'vitest'
import { acquired, bench, fiveFailures, instance, instances } from './helpers.js'

describe('ejecting', () => {
  test('takes five failures in a row', () => {
    const { candidates, tell, events } = bench(instances(3))
    tell('i0', 'failed', 'failed', 'failed', 'failed', 'ok')
    tell('i0', 'failed', 'failed', 'failed', 'cancelled', 'failed')
    expect(events).toEqual([])
    tell('i0', 'failed')
    expect(candidates()).toEqual(['i1', 'i2'])
    expect(events).toEqual([{ type: 'endpoint.ejected', id: 'i0', reason: 'failures', forMs: 30_000 }])
  })

  test('takes one refused connection', () => {
    const { candidates, tell, events, reasons } = bench(instances(3))
    tell('i0', 'refused')
    expect(candidates()).toEqual(['i1', 'i2'])
    expect(reasons()).toEqual({ i0: 'refused' })
    expect(events).toEqual([{ type: 'endpoint.ejected', id: 'i0', reason: 'refused', forMs: 30_000 }])
  })

  test('never takes a cancellation', () => {
    const { tell, events } = bench(instances(3))
    tell('i0', ...Array.from({ length: 50 }, () => 'cancelled' as const))
    expect(events).toEqual([])
  })

  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
  ])('of %i on suspicion at most %i', (size, most) => {
    const { candidates, tell } = bench(instances(size))
    for (let i = 0; i < size; i++) tell(`i${i}`, ...fiveFailures)
    expect(candidates()).toHaveLength(size - most)
  })

  test('waits for room: a failing one follows when another has come back', async () => {
    const { candidates, tell, clock } = bench(instances(2))
    tell('i0', ...fiveFailures)
    tell('i1', ...fiveFailures)
    expect(candidates()).toEqual(['i1'])
    await clock.advance(30_000)
    tell('i0', 'ok')
    tell('i1', 'failed')
    expect(candidates()).toEqual(['i0'])
  })

  test('learns nothing from the last calls to one that has left', () => {
    const { selector, events } = bench(instances(2))
    const pick = acquired(selector)
    selector.update([instance('other')])
    pick.done('refused')
    expect(events).toEqual([])
    expect(pick.endpoint.inFlight).toBe(0)
  })

  test('a call that began before the ejection neither ends nor prolongs it', () => {
    const { selector, candidates, tell, events } = bench(instances(3))
    const before = Array.from({ length: 4 }, () => acquired(selector))
    tell('i0', ...fiveFailures)
    before[0]!.done('ok')
    before[1]!.done('failed')
    expect(candidates()).toEqual(['i1', 'i2'])
    before[2]!.done('refused')
    expect(selector.exclusions()[0]!.reason).toBe('refused')
    expect(events).toHaveLength(1)
  })
})

describe('returning', () => {
  test('one trial at a time, until one succeeds', async () => {
    const { selector, candidates, tell, clock, events } = bench(instances(3))
    tell('i0', 'refused')
    await clock.advance(29_999)
    expect(candidates()).toEqual(['i1', 'i2'])
    await clock.advance(1)
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    const trial = acquired(selector)
    expect(trial.instance.id).toBe('i0')
    expect(candidates()).toEqual(['i1', 'i2'])
    trial.done('ok')
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
    expect(events.at(-1)).toEqual({ type: 'endpoint.returned', id: 'i0' })
  })

  test('a cancelled trial lets the next one begin at once', async () => {
    const { selector, candidates, tell, clock } = bench(instances(3))
    tell('i0', 'refused')
    await clock.advance(30_000)
    acquired(selector).done('cancelled')
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
  })

  test('a trial that never ends gives way to another after 30 s', async () => {
    const { selector, candidates, tell, clock } = bench(instances(3))
    tell('i0', 'refused')
    await clock.advance(30_000)
    selector.acquire()
    await clock.advance(29_999)
    expect(candidates()).toEqual(['i1', 'i2'])
    await clock.advance(1)
    expect(candidates()).toEqual(['i0', 'i1', 'i2'])
  })

  test('takes longer for each ejection in a row, 300 s at most', async () => {
    const { tell, clock, events } = bench(instances(3))
    for (let i = 0; i < 12; i++) {
      tell('i0', 'refused')
      const last = events.at(-1)!
      await clock.advance(last.type === 'endpoint.ejected' ? last.forMs : 0)
    }
    const lengths = events.map((event) =>
      event.type === 'endpoint.ejected' ? event.forMs / 1000 : 'returned',
    )
    expect(lengths).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300])
  })

  test('ten seconds in service make up for one ejection', async () => {
    const { tell, clock, events } = bench(instances(3))
    const eject = async (): Promise<number> => {
      tell('i0', 'refused')
      const { forMs } = events.at(-1) as { forMs: number }
      await clock.advance(forMs)
      tell('i0', 'ok')
      return forMs
    }
    expect(await eject()).toBe(30_000)
    expect(await eject()).toBe(60_000)
    await clock.advance(10_000)
    expect(await eject()).toBe(60_000)
    await clock.advance(60_000)
    expect(await eject()).toBe(30_000)
  })
})
