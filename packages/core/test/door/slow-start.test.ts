import { ManualClock } from '@rollcall/testing'
import { connect, type Registry, type ServiceView } from '@rollcall/core'
import { xorshift32 } from '@rollcall/core/adapter'
import { slowStart } from '@rollcall/core/balancers'
import { MemoryStore } from '@rollcall/core/memory'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

describe('slow start, from announcement to pick', () => {
  const clock = new ManualClock()
  const open: Registry[] = []
  let announcer: Registry

  const joined = async (store: MemoryStore): Promise<Registry> => {
    const registry = await connect('memory:', { store, clock, random: xorshift32(5) })
    open.push(registry)
    return registry
  }
  const announce = (id: string, port: number) => announcer.announce({ service: 'orders', id, port })
  const shareOf = (view: ServiceView, id: string): number => {
    const picks = Array.from({ length: 4_000 }, () => view.pick().id)
    return picks.filter((picked) => picked === id).length / picks.length
  }
  const viewOf = async (registry: Registry): Promise<ServiceView> => {
    const view = registry.service('orders', { balancer: slowStart('random', { windowMs: 60_000 }) })
    await Promise.all([view.ready(), clock.advance(1_000)])
    return view
  }

  let caller: Registry
  beforeEach(async () => {
    const store = new MemoryStore({ clock })
    announcer = await joined(store)
    caller = await joined(store)
    await announce('old', 3001)
    await clock.advance(120_000)
  })
  afterEach(() => Promise.all(open.splice(0).map((registry) => registry.close())))

  test('who was announced just before the first snapshot is young in it, and who was long before is not', async () => {
    await announce('young', 3002)
    const view = await viewOf(caller)
    // A tenth of a full share: 0.1 / 1.1.
    expect(shareOf(view, 'young')).toBeCloseTo(0.091, 1)
    expect(shareOf(view, 'young')).toBeLessThan(0.13)
    await clock.advance(60_000)
    expect(shareOf(view, 'young')).toBeGreaterThan(0.45)
  })

  test('who comes later is young, and grown up a window later', async () => {
    const view = await viewOf(caller)
    expect(shareOf(view, 'old')).toBe(1)
    await announce('late', 3003)
    await clock.advance(1_000)
    expect(shareOf(view, 'late')).toBeLessThan(0.13)
    await clock.advance(60_000)
    expect(shareOf(view, 'late')).toBeGreaterThan(0.45)
  })

  test('two as old as each other share alike from the first snapshot on', async () => {
    await announce('second', 3004)
    await clock.advance(120_000)
    const view = await viewOf(caller)
    expect(shareOf(view, 'second')).toBeGreaterThan(0.45)
  })
})
