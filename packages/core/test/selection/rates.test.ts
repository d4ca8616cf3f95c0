import { expect, test } from 'vitest'
import { outlierPolicy } from '../../src/selection/outlier-policy.js'
import { bench, instances } from './helpers.js'

test('rates are compared among those in service: one that is out for long blurs nothing', async () => {
  const all = bench(instances(7), { outlier: outlierPolicy({ failures: 0, failureShare: 0 }) })
  const { selector, clock } = all
  for (const endpoint of selector.endpoints) endpoint.windowCalls = 200
  selector.endpoints[0]!.windowFailures = 200
  selector.endpoints[1]!.windowFailures = 30
  all.tell('i0', 'refused')
  await clock.advance(10_000)
  for (let i = 0; i < 32; i++) all.tell('i6', 'ok')
  expect(all.events.slice(1)).toMatchObject([{ id: 'i1', reason: 'success-rate' }])
})

test('intervalMs: how often they are judged', async () => {
  for (const [intervalMs, ejected] of [
    [2_000, 1],
    [3_000, 0],
  ] as const) {
    const { selector, clock, tell, events } = bench(instances(7), { outlier: outlierPolicy({ intervalMs }) })
    for (const endpoint of selector.endpoints) endpoint.windowCalls = 200
    selector.endpoints[1]!.windowFailures = 60
    await clock.advance(2_000)
    for (let i = 0; i < 32; i++) tell('i6', 'ok')
    expect(events).toHaveLength(ejected)
  }
})
