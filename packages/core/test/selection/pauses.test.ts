import { describe, expect, test } from 'vitest'
import { outlierPolicy } from '../../src/selection/outlier-policy.js'
import { acquired, bench, fiveFailures, instances, type Bench } from './helpers.js'

async function paused(given: Parameters<typeof bench>[1] = {}): Promise<Bench> {
  const all = bench(instances(4), given)
  all.selector.pause(all.selector.endpoints[0]!, 1_000)
  return all
}

const typesOf = ({ events }: Bench): string[] => events.map(({ type }) => type)

describe('a pause', () => {
  test('that ends before the ejection does is not told', () => {
    const { selector, tell, events, reasons } = bench(instances(4))
    tell('i0', 'refused')
    selector.pause(selector.endpoints[0]!, 1_000)
    expect(events).toMatchObject([{ type: 'endpoint.ejected', reason: 'refused', forMs: 30_000 }])
    expect(reasons()).toEqual({ i0: 'refused' })
    selector.pause(selector.endpoints[0]!, 60_000)
    expect(events).toHaveLength(2)
    expect(reasons()).toEqual({ i0: 'refused' })
  })

  test('once over, leaves failures to count as they do in service', async () => {
    const all = await paused()
    await all.clock.advance(1_000)
    all.tell('i0', 'failed', 'failed', 'failed', 'failed')
    expect(typesOf(all)).toEqual(['endpoint.ejected', 'endpoint.returned'])
    expect(all.candidates()).toContain('i0')
    all.tell('i0', 'failed')
    expect(all.events.at(-1)).toMatchObject({ reason: 'failures', forMs: 30_000 })
  })

  test('once over, ends for good with the failed call that is one too many', async () => {
    const all = bench(instances(4))
    all.tell('i0', 'failed', 'failed', 'failed', 'failed')
    all.selector.pause(all.selector.endpoints[0]!, 1_000)
    await all.clock.advance(1_000)
    all.tell('i0', 'failed')
    expect(all.events.at(-1)).toMatchObject({ reason: 'failures', forMs: 30_000 })
  })

  test('makes no later ejection longer', async () => {
    const all = bench(instances(4))
    all.tell('i0', 'refused')
    await all.clock.advance(30_000)
    all.tell('i0', 'ok')
    await all.clock.advance(10_000)
    all.selector.pause(all.selector.endpoints[0]!, 1_000)
    await all.clock.advance(1_000)
    all.tell('i0', 'refused')
    expect(all.events.at(-1)).toMatchObject({ reason: 'refused', forMs: 30_000 })
  })

  test('outlasts a trial that is cancelled', async () => {
    const { selector, tell, clock, candidates } = bench(instances(4))
    tell('i0', 'refused')
    await clock.advance(30_000)
    const trial = acquired(selector)
    expect(trial.instance.id).toBe('i0')
    selector.pause(trial.endpoint, 60_000)
    trial.done('cancelled')
    expect(candidates()).toEqual(['i1', 'i2', 'i3'])
  })
})

describe('one that refused and then answers badly', () => {
  test('is a suspect from then on, unless nobody is to be suspected', async () => {
    for (const [outlier, expected] of [
      [undefined, ['i1', 'i2', 'i3']],
      [outlierPolicy(false), ['i0', 'i1', 'i2', 'i3']],
    ] as const) {
      const { tell, clock, candidates } = bench(instances(4), { ...(outlier && { outlier }) })
      tell('i0', 'refused')
      await clock.advance(30_000)
      tell('i0', 'failed')
      expect(candidates()).toEqual(expected)
    }
  })
})

describe('one that the store had given up and lists again', () => {
  test('is told to be back, and taken out for longer the next time', () => {
    const { selector, tell, events } = bench(instances(4))
    tell('i0', 'refused')
    selector.update(instances(4), new Set(['i0']))
    selector.update(instances(4))
    expect(events.at(-1)).toEqual({ type: 'endpoint.returned', id: 'i0' })
    tell('i0', 'refused')
    expect(events.at(-1)).toMatchObject({ type: 'endpoint.ejected', forMs: 60_000 })
  })
})

describe('a passing probe', () => {
  test('is an answer of one held that failed a call', () => {
    const { selector, tell, reasons } = bench(instances(4))
    const [first] = selector.endpoints
    selector.settleProbe(first!, 'passing')
    selector.update(instances(4), new Set(['i0']))
    tell('i0', 'failed')
    expect(reasons()).toEqual({ i0: 'missing' })
    selector.settleProbe(first!, 'passing')
    expect(reasons()).toEqual({})
  })

  test('ends the failures in a row of an ejected one', () => {
    const { selector, tell, candidates } = bench(instances(4))
    tell('i0', ...fiveFailures)
    selector.settleProbe(selector.endpoints[0]!, 'passing')
    tell('i0', 'failed')
    expect(candidates()).toContain('i0')
  })
})

test('a listener meets what it is told of', () => {
  const met: unknown[] = []
  const { selector, tell } = bench(instances(4), {
    onEvent: (event) => met.push([event.type, selector.exclusions().map(({ reason }) => reason)]),
  })
  tell('i0', 'refused')
  selector.settleProbe(selector.endpoints[1]!, 'failing')
  selector.settleProbe(selector.endpoints[0]!, 'passing')
  expect(met).toEqual([
    ['endpoint.ejected', ['refused']],
    ['endpoint.probed', ['refused', 'probes fail']],
    ['endpoint.probed', ['refused', 'probes fail']],
    ['endpoint.returned', ['probes fail']],
  ])
})
