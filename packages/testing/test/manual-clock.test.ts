import { describe, expect, it } from 'vitest'
import { sleep, xorshift32 } from '@rollcall/core/adapter'
import { ManualClock } from '@rollcall/testing'

describe('ManualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock({ now: 5, wall: 100 })
    await clock.settle()
    expect([clock.now(), clock.wall()]).toEqual([5, 100])
    await clock.advance(10)
    expect([clock.now(), clock.wall()]).toEqual([15, 110])
  })

  it('runs due timers in order, equal ones as they were set, each at its own time', async () => {
    const clock = new ManualClock()
    const seen: string[] = []
    clock.after(20, () => seen.push(`late ${clock.now()}`))
    clock.after(10, () => seen.push(`first ${clock.now()}`))
    clock.after(10, () => seen.push(`second ${clock.now()}`))
    clock.after(31, () => seen.push('not yet'))
    await clock.advance(30)
    expect(seen).toEqual(['first 10', 'second 10', 'late 20'])
    expect([clock.timers, clock.nextInMs]).toEqual([1, 1])
  })

  it('lets promises settle between, so that a loop of sleeps runs its course', async () => {
    const clock = new ManualClock()
    const seen: number[] = []
    const loop = async () => {
      for (;;) {
        await sleep(clock, 10)
        await new Promise((resolve) => process.nextTick(resolve))
        seen.push(clock.now())
      }
    }
    void loop()
    await clock.advance(35)
    expect(seen).toEqual([10, 20, 30])
  })

  it('forgets a cancelled timer', async () => {
    const clock = new ManualClock()
    let ran = false
    clock.after(10, () => (ran = true))()
    await clock.advance(100)
    expect([ran, clock.timers, clock.nextInMs]).toEqual([false, 0, undefined])
  })

  it('keeps a thousand timers in order, whichever are cancelled', async () => {
    const clock = new ManualClock()
    const random = xorshift32(3)
    const ran: { due: number; set: number }[] = []
    const cancelled = new Set<number>()
    const cancels = Array.from({ length: 1_000 }, (_, set) => {
      const due = random() & 127
      return clock.after(due, () => ran.push({ due, set }))
    })
    for (let i = 0; i < 700; i++) {
      const set = (random() & 0x7fff_ffff) % 1_000
      cancels[set]!()
      cancelled.add(set)
    }
    expect(clock.timers).toBe(1_000 - cancelled.size)
    await clock.advance(127)
    expect(ran).toHaveLength(1_000 - cancelled.size)
    expect(ran.filter(({ set }) => cancelled.has(set))).toEqual([])
    expect(ran).toEqual(ran.toSorted((a, b) => a.due - b.due || a.set - b.set))
  })

  it('refuses a time that is none', () => {
    expect(() => new ManualClock().after(Number.NaN, () => {})).toThrow(/NaN ms/)
  })

  it('lets the wall jump without moving time', async () => {
    const clock = new ManualClock()
    clock.setWall(1_000)
    await clock.advance(1)
    expect([clock.now(), clock.wall()]).toEqual([1, 1_001])
  })

  it('says so when a timer of 0 ms sets itself again and again', async () => {
    const clock = new ManualClock()
    const again = () => void clock.after(0, again)
    again()
    await expect(clock.advance(1)).rejects.toThrow(/time stood still/)
  })
})
