import { ManualClock } from '@rollcall/testing'
import { describe, expect, test } from 'vitest'
import { Gate } from '../src/gate.js'

describe('a gate', () => {
  const clock = new ManualClock()

  /** Work that ends when it is told to, and tells that it began. */
  function works(): {
    begun: string[]
    work: (name: string) => () => Promise<void>
    end: Record<string, (error?: Error) => void>
  } {
    const begun: string[] = []
    const end: Record<string, (error?: Error) => void> = {}
    const work = (name: string) => (): Promise<void> => {
      begun.push(name)
      return new Promise((resolve, reject) => (end[name] = (error) => (error ? reject(error) : resolve())))
    }
    return { begun, work, end }
  }

  test('lets in as many as it has room for, the others in order, and survives failures', async () => {
    const gate = new Gate(2)
    const { begun, work, end } = works()
    const all = ['a', 'b', 'c', 'd'].map((name) => gate.pass(work(name)))
    await clock.settle()
    expect(begun).toEqual(['a', 'b'])
    const fault = new Error('no answer')
    end['b']!(fault)
    await expect(all[1]).rejects.toBe(fault)
    await clock.settle()
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const name of ['a', 'c']) end[name]!()
    await clock.settle()
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    end['d']!()
    await Promise.allSettled(all)
    // As much room as before.
    void gate.pass(work('e'))
    void gate.pass(work('f'))
    void gate.pass(work('g'))
    await clock.settle()
    expect(begun.slice(4)).toEqual(['e', 'f'])
  })

  test('is left at once by who is aborted in front of it, and whoever is behind moves up', async () => {
    const gate = new Gate(1)
    const { begun, work, end } = works()
    const reason = new Error('enough')
    const ending = new AbortController()
    void gate.pass(work('a'))
    const waiting = gate.pass(work('b'), ending.signal)
    void gate.pass(work('c'))
    ending.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(gate.pass(work('d'), ending.signal)).rejects.toBe(reason)
    end['a']!()
    await clock.settle()
    expect(begun).toEqual(['a', 'c'])
  })

  test('does not disturb who is inside: an abort then is for the work to hear', async () => {
    const gate = new Gate(1)
    const { begun, work, end } = works()
    const ending = new AbortController()
    const inside = gate.pass(work('a'), ending.signal)
    await clock.settle()
    ending.abort(new Error('enough'))
    void gate.pass(work('b'))
    await clock.settle()
    expect(begun).toEqual(['a'])
    end['a']!()
    await inside
    await clock.settle()
    expect(begun).toEqual(['a', 'b'])
  })
})
