import { hangs, ManualClock, ScriptedAdapter, throws } from '@rollcall/testing'
import { RollcallError, type RollcallEvent } from '@rollcall/core'
import { describe, expect, it } from 'vitest'
import { healthOptions, planHealth, type HealthCheck, type HealthOptions } from '../../src/announce-health.js'
import { SelfCheck } from '../../src/supervise/self-check.js'
import { openLagMeter } from '../../src/supervise/lag.js'
import { always, setup, supervise } from '../helpers.js'

const orders = { service: 'orders', port: 80, id: 'a' }

/** A self-check by itself, with lags that a test gives. */
function checked(health: HealthCheck | HealthOptions, random = always(0.999_999)) {
  const clock = new ManualClock()
  const over = new AbortController()
  const said: string[] = []
  const looks: number[] = []
  const lag = { ms: 0, reads: 0, open: false }
  const plan = planHealth(health, 15_000)
  const check: HealthCheck | undefined =
    plan.check &&
    ((context) => {
      looks.push(Math.round(clock.now()))
      return plan.check!(context)
    })
  const selfCheck = new SelfCheck({
    plan: { ...plan, check },
    supervision: supervise(clock, random),
    signal: over.signal,
    openLagMeter: () => {
      lag.open = true
      return { read: () => (lag.reads++, lag.ms), close: () => (lag.open = false) }
    },
    onVerdict: (healthy, reason) => void said.push(`${clock.now().toFixed(0)} ${healthy} ${reason}`),
  })
  return { clock, over, said, looks, lag, selfCheck }
}

describe('a self-check', () => {
  it('looks at once, then as often as the heart beats', async () => {
    const { clock, looks } = checked(() => true)
    await clock.advance(14_000)
    expect(looks).toEqual([0, 5_000, 10_000])
  })

  it.each([
    [0, [0, 800, 1_600, 2_400]],
    [0.999_999, [0, 1_000, 2_000]],
  ])('looks every everyMs, 20 %% early at most (chance %f)', async (spot, times) => {
    const { clock, looks } = checked({ check: () => {}, everyMs: 1_000 }, always(spot))
    await clock.advance(2_500)
    expect(looks).toEqual(times)
  })

  it('is bad after three bad results in a row, and good again after two good ones', async () => {
    const results = [false, false, true, false, false, false, true, false, true, true, true]
    const { clock, said, selfCheck } = checked({ check: () => results.shift() ?? true, everyMs: 1_000 })
    expect(selfCheck.healthy).toBe(true)
    await clock.advance(5_500)
    expect(selfCheck.healthy).toBe(false)
    await clock.advance(10_000)
    expect(selfCheck.healthy).toBe(true)
    expect(said).toEqual(['5000 false the check returned false', '9000 true good 2 times in a row'])
  })

  it.each([
    [{ unhealthyAfter: 1 }, '0 false the check returned false'],
    [{ unhealthyAfter: 5 }, '4000 false the check returned false'],
  ])('with %j it is bad as soon as that', async (options, expected) => {
    const { clock, said } = checked({ check: () => false, everyMs: 1_000, ...options })
    await clock.advance(20_000)
    expect(said).toEqual([expected])
  })

  it('with healthyAfter it is good as late as that', async () => {
    let good = false
    const { clock, said } = checked({ check: () => good, everyMs: 1_000, unhealthyAfter: 1, healthyAfter: 4 })
    await clock.advance(500)
    good = true
    await clock.advance(20_000)
    expect(said.at(-1)).toBe('4000 true good 4 times in a row')
  })

  it('takes a throw, and what is no answer, for bad', async () => {
    const throwing = checked({ check: () => Promise.reject(new Error('no disk')), unhealthyAfter: 1 })
    await throwing.clock.settle()
    expect(throwing.said).toEqual(['0 false no disk'])
    const odd = checked({ check: (() => 'fine') as never, unhealthyAfter: 1 })
    await odd.clock.settle()
    expect(odd.said).toEqual(['0 false the check returned "fine": return true, false or nothing'])
  })

  it('takes no answer within timeoutMs for bad, and calls nobody twice at a time', async () => {
    let calls = 0
    let signal: AbortSignal | undefined
    const check: HealthCheck = (context) => {
      calls++
      signal = context.signal
      return new Promise(() => {})
    }
    const { clock, said } = checked({ check, timeoutMs: 300, everyMs: 1_000, unhealthyAfter: 1 })
    await clock.advance(299)
    expect(said).toEqual([])
    await clock.advance(1)
    expect(said).toEqual(['300 false the check gave no answer for 300 ms'])
    expect(signal!.aborted).toBe(true)
    await clock.advance(60_000)
    expect(calls).toBe(1)
  })

  it('takes an event loop that lags beyond maxLagMs for bad, and asks no check then', async () => {
    let calls = 0
    const check = (): void => void calls++
    const { clock, said, lag } = checked({ check, maxLagMs: 200, everyMs: 1_000, unhealthyAfter: 2 })
    lag.ms = 200
    await clock.advance(2_500)
    expect(said).toEqual([])
    expect(calls).toBe(3)
    lag.ms = 201
    await clock.advance(2_000)
    expect(said).toEqual(['4000 false the event loop was 201 ms late'])
    expect(calls).toBe(3)
  })

  it('measures no lag unless it is asked to, and no longer than it runs', async () => {
    const without = checked(() => true)
    await without.clock.advance(60_000)
    expect(without.lag).toEqual({ ms: 0, reads: 0, open: false })
    const measured = checked({ maxLagMs: 50 })
    await measured.clock.advance(60_000)
    expect(measured.lag).toMatchObject({ open: true })
    measured.selfCheck.close()
    await measured.clock.settle()
    expect(measured.lag.open).toBe(false)
    expect(measured.clock.timers).toBe(0)
  })

  it('ends with its signal, and says nothing any more', async () => {
    let finish = (_result: boolean): void => {}
    const check = (): Promise<boolean> => new Promise((resolve) => (finish = resolve))
    const { clock, over, said } = checked({ check, unhealthyAfter: 1 })
    await clock.advance(10)
    over.abort()
    finish(false)
    await clock.advance(60_000)
    expect(said).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('measures the real event loop by default', () => {
    const meter = openLagMeter()
    expect(meter.read()).toBe(0)
    meter.close()
  })
})

describe('health of an announcement', () => {
  async function announced(health: HealthCheck | HealthOptions, adapter = new ScriptedAdapter()) {
    const made = await setup({ adapter })
    const announcement = await made.registry.announce({ ...orders, health })
    const written = (): string[] => adapter.registering.calls.map(([{ status }]) => status)
    const told = (): RollcallEvent[] => made.events.filter(({ type }) => type === 'announcement.health')
    return { ...made, announcement, written, told }
  }

  /** A check whose result a test sets, looked at about every second. */
  function switchable(): { well: boolean; options: HealthOptions } {
    const state = { well: true }
    return Object.assign(state, { options: { check: () => state.well, everyMs: 1_000 } })
  }

  it('is announced `down` while it is bad, and as before when it is good', async () => {
    const health = switchable()
    const { clock, announcement, written, told } = await announced(health.options)
    expect(announcement.healthy).toBe(true)
    health.well = false
    await clock.advance(4_000)
    expect(written()).toEqual(['up', 'down'])
    expect(announcement).toMatchObject({ healthy: false, state: 'registered', instance: { status: 'down' } })
    health.well = true
    await clock.advance(4_000)
    expect(written()).toEqual(['up', 'down', 'up'])
    expect(announcement).toMatchObject({ healthy: true, instance: { status: 'up' } })
    expect(told()).toMatchObject([
      { service: 'orders', id: 'a', healthy: false, reason: 'the check returned false' },
      { service: 'orders', id: 'a', healthy: true, reason: 'good 2 times in a row' },
    ])
  })

  it('goes on beating while a check hangs', async () => {
    const { clock, adapter, announcement, written } = await announced({ check: () => new Promise(() => {}) })
    await clock.advance(120_000)
    expect(written()).toEqual(['up', 'down'])
    expect(announcement.state).toBe('registered')
    expect(adapter.leases.at(-1)!.renewing.count).toBeGreaterThan(20)
  })

  it('overrides no draining of the user’s', async () => {
    const health = switchable()
    const { clock, announcement, written } = await announced(health.options)
    await announcement.update({ status: 'draining' })
    health.well = false
    await clock.advance(5_000)
    expect(announcement.healthy).toBe(false)
    health.well = true
    await clock.advance(5_000)
    expect(written()).toEqual(['up', 'draining'])
  })

  it('respects what the user asks for in between', async () => {
    const health = switchable()
    const { clock, announcement, adapter, written } = await announced(health.options)
    health.well = false
    await clock.advance(4_000)
    await announcement.update({ weight: 7 })
    health.well = true
    await clock.advance(4_000)
    expect(adapter.registering.calls.at(-1)![0]).toMatchObject({ status: 'up', weight: 7 })
    health.well = false
    await clock.advance(4_000)
    expect(written()).toEqual(['up', 'down', 'down', 'up', 'down'])
    await announcement.update({ status: 'draining' })
    await announcement.update({ status: 'up' })
    expect(written().slice(5)).toEqual(['draining', 'down'])
    await announcement.update({ status: 'down', version: '2' })
    health.well = true
    await clock.advance(4_000)
    expect(announcement).toMatchObject({ healthy: true, instance: { status: 'down' } })
    await announcement.update({ status: 'up' })
    expect(adapter.registering.calls.at(-1)![0]).toMatchObject({ status: 'up', weight: 7, version: '2' })
  })

  it('has no say once the instance is leaving', async () => {
    const health = switchable()
    const { clock, announcement, written, told } = await announced(health.options)
    const left = announcement.leave({ lingerMs: 20_000 })
    health.well = false
    await clock.advance(20_000)
    await expect(left).resolves.toEqual({ released: true, drained: true })
    expect(written()).toEqual(['up', 'draining'])
    expect(told()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('offers an instance that is bad to nobody by marking it draining', async () => {
    const health = switchable()
    const { clock, announcement, written } = await announced(health.options)
    health.well = false
    await clock.advance(4_000)
    const left = announcement.leave()
    health.well = true
    await clock.advance(4_000)
    await left
    expect(written()).toEqual(['up', 'down'])
  })

  it('ends with the registry, and with a replacement', async () => {
    let calls = 0
    const closed = await announced({ check: () => void calls++, everyMs: 1_000 })
    await closed.registry.close()
    const replaced = await announced({ check: () => void calls++, everyMs: 1_000 })
    replaced.adapter.registering.always(throws(new RollcallError('REPLACED', 'newer')))
    await replaced.announcement.update({ weight: 2 })
    expect(replaced.announcement.state).toBe('replaced')
    const before = calls
    await closed.clock.advance(60_000)
    await replaced.clock.advance(60_000)
    expect(calls).toBe(before)
  })

  it('is written when the store is back, if it changed during an outage', async () => {
    const health = switchable()
    const { clock, adapter, announcement, written } = await announced(health.options)
    adapter.registering.next(hangs(), hangs())
    health.well = false
    await clock.advance(8_000)
    expect(announcement.instance.status).toBe('down')
    await clock.advance(12_000)
    expect(announcement.state).toBe('registered')
    expect(written().at(-1)).toBe('down')
  })

  it.each([
    [5, /Option health is 5: give a function, or an object with `check` or `maxLagMs`/],
    [null, /Option health is null/],
    [[], /Option health is an array/],
    [{}, /Option health checks nothing/],
    [{ everyMs: 1_000 }, /Option health checks nothing/],
    [{ check: true }, /Option health.check is true: give a function/],
    [{ check: () => true, everyMs: 0 }, /Option health.everyMs is 0/],
    [{ check: () => true, timeoutMs: '1s' }, /Option health.timeoutMs is "1s"/],
    [{ check: () => true, unhealthyAfter: 0 }, /Option health.unhealthyAfter is 0/],
    [{ check: () => true, healthyAfter: 1.5 }, /Option health.healthyAfter is 1.5/],
    [{ maxLagMs: 0 }, /Option health.maxLagMs is 0/],
    [{ check: () => true, lag: 1 }, /There is no option "health.lag"/],
  ] as [HealthOptions, RegExp][])('refuses %j before anything is written', async (health, message) => {
    const { registry, adapter } = await setup()
    await expect(registry.announce({ ...orders, health })).rejects.toThrow(message)
    expect(adapter.registering.count).toBe(0)
    await expect(registry.announce(orders)).resolves.toMatchObject({ healthy: true })
  })

  it('takes undefined for an option not given', () => {
    const nothing = Object.fromEntries(Object.keys(healthOptions).map((name) => [name, undefined]))
    expect(planHealth({ ...nothing, check: () => true }, 15_000)).toMatchObject({
      everyMs: 5_000,
      timeoutMs: 1_000,
      unhealthyAfter: 3,
      healthyAfter: 2,
    })
  })
})
