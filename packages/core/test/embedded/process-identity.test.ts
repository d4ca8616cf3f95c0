import { describe, expect, it } from 'vitest'
import { ManualClock } from '@rollcall/testing'
import { hasEnded, ownIdentity } from '../../src/embedded/process-identity.js'
import { ProcessTable } from '../../src/embedded/process-table.js'

// Beyond what any kernel hands out.
const deadPid = 2 ** 30
const own = ownIdentity()

describe('a process has ended', () => {
  it('when no process has its pid', () => {
    expect(hasEnded({ ...own, pid: deadPid })).toBe(true)
    expect(hasEnded({ ...own, pid: deadPid, started: '' })).toBe(true)
  })

  it('not when it is this one, or its parent', () => {
    expect(hasEnded(own)).toBe(false)
    expect(hasEnded({ ...own, pid: process.ppid, started: '' })).toBe(false)
  })

  it.runIf(process.platform === 'linux')('when another one has its pid by now', () => {
    expect(hasEnded({ ...own, started: '1' })).toBe(true)
  })

  it('not for certain when it lives in another container or on another machine', () => {
    expect(hasEnded({ ...own, pid: deadPid, realm: 'elsewhere' })).toBe(false)
  })
})

describe('ProcessTable', () => {
  it('asks about a running process seldom, and about one that has ended once', async () => {
    const clock = new ManualClock()
    const asked: number[] = []
    const ended = new Set<number>()
    const table = new ProcessTable(clock, ({ pid }) => {
      asked.push(pid)
      return ended.has(pid)
    })
    const at = (pid: number) => table.hasEnded({ ...own, pid })
    expect([at(1), at(1), at(2)]).toEqual([false, false, false])
    expect(asked).toEqual([1, 2])
    ended.add(1)
    await clock.advance(50)
    expect([at(1), at(1)]).toEqual([true, true])
    await clock.advance(60_000)
    expect(at(1)).toBe(true)
    expect(asked).toEqual([1, 2, 1])
  })

  it('forgets those nobody asks about', () => {
    let asked = 0
    const table = new ProcessTable(new ManualClock(), () => ++asked < 0)
    for (let pid = 1; pid <= 1_001; pid++) table.hasEnded({ ...own, pid })
    table.hasEnded({ ...own, pid: 1 })
    expect(asked).toBe(1_002)
  })
})
