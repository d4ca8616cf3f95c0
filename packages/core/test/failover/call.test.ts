import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners, getMaxListeners, setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { RollcallError, isRollcallError } from '../../src/errors.js'
import { CallFailedError } from '../../src/failover/call-failed.js'
import type { CallOptions } from '../../src/failover/call-options.js'
import { Caller } from '../../src/failover/caller.js'
import type { Outcome } from '../../src/selection/outcome.js'
import { instance, instances } from '../selection/helpers.js'
import { fetchFailed, line, rejection, silent } from './helpers.js'

describe('one attempt', () => {
  test('gives the instance, its number and a signal, and returns the result', async () => {
    const { call, inFlight } = line(instances(1))
    const seen: unknown[] = []
    const result = await call(({ url }, { attempt, signal }) => {
      seen.push(url, attempt, signal.aborted, inFlight())
      return 42
    })
    expect(result).toBe(42)
    expect(seen).toEqual(['http://i0.test:3000', 1, false, [1]])
    expect(inFlight()).toEqual([0])
  })

  test('its signal is never aborted once it has settled, and leaves no timer and no listener', async () => {
    const { call, clock } = line(instances(1))
    const caller = new AbortController()
    let won: AbortSignal | undefined
    await call((_, { signal }) => void (won = signal), { signal: caller.signal, attemptTimeoutMs: 10 })
    expect(clock.timers).toBe(0)
    await clock.advance(60_000)
    caller.abort()
    expect(won!.aborted).toBe(false)
  })

  test('a result that is a failure is recorded and returned', async () => {
    const { call, selector, called } = line(instances(2))
    expect(await call(() => ({ status: 503 }))).toEqual({ status: 503 })
    expect(called).toEqual(['i0'])
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(1)
  })

  test.each([
    [{ status: 499 }, 0],
    [{ status: 500 }, 1],
    [{ statusCode: 502 }, 1],
    [{ status: '500' }, 0],
    [null, 0],
    ['text', 0],
    [undefined, 0],
  ])('by default %j counts %i failures', async (result, failures) => {
    const { call, selector } = line(instances(1))
    expect(await call(() => result)).toBe(result)
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(failures)
  })

  test('classify decides instead', async () => {
    const { call, selector } = line(instances(1))
    await call(() => ({ status: 500 }), { classify: () => 'ok' })
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(0)
    await call(() => 'bad', { classify: (text) => (text === 'bad' ? 'failed' : 'ok') })
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(1)
  })

  test('an error that is an answer is thrown as it is, and the instance is well', async () => {
    for (const fields of [{ status: 404 }, { statusCode: 409 }, { response: { status: 422 } }]) {
      const { call, called, selector } = line(instances(2))
      const error = Object.assign(new Error('no'), fields)
      expect(await rejection(call(() => Promise.reject(error), { idempotent: true }))).toBe(error)
      expect(called).toEqual(['i0'])
      expect(selector.endpoints[0]!.consecutiveFailures).toBe(0)
    }
  })

  test("an AbortError of the function's own is thrown as it is, and nobody is blamed", async () => {
    const { call, called, selector } = line(instances(2))
    const error = new DOMException('mine', 'AbortError')
    expect(await rejection(call(() => Promise.reject(error), { idempotent: true }))).toBe(error)
    expect(called).toEqual(['i0'])
    expect(selector.endpoints[0]).toMatchObject({ consecutiveFailures: 0, inFlight: 0 })
  })
})

describe('again', () => {
  test('on another endpoint, at once, when the request surely never left', async () => {
    const { call, called, clock, events } = line(instances(3))
    const result = await call(({ id }) => {
      if (id === 'i0') throw fetchFailed('ECONNREFUSED')
      return id
    })
    expect(result).toBe('i1')
    expect(called).toEqual(['i0', 'i1'])
    expect(clock.now()).toBe(0)
    expect(events).toMatchObject([{ type: 'endpoint.ejected', id: 'i0', reason: 'refused' }])
  })

  test('past all of ten instances that died at once, whatever the number of attempts', async () => {
    const { call, called, clock } = line(instances(12))
    const isDead = (id: string): boolean => !['i10', 'i11'].includes(id)
    const result = call(({ id }) => (isDead(id) ? Promise.reject(fetchFailed('ECONNREFUSED')) : id))
    await clock.advance(50)
    expect(await result).toBe('i10')
    expect(called).toHaveLength(11)
  })

  test('no oftener than allowed where one attempt is, where all refuse, and where that is no news', async () => {
    const refuse = (): Promise<never> => Promise.reject(fetchFailed('ECONNREFUSED'))
    const once = line(instances(12))
    expect((await rejection(once.call(refuse, { attempts: 1 }))).attempts).toHaveLength(1)
    const { call, called, clock } = line(instances(12))
    const failed = rejection(call(refuse))
    await clock.advance(50)
    expect((await failed).message).toMatch(/its 3 attempts being used/)
    expect(new Set(called).size).toBe(12)
    expect(called).toHaveLength(12)
    const again = rejection(call(refuse))
    await clock.advance(1_000)
    expect((await again).attempts).toHaveLength(3)
  })

  test('no oftener for refusals between other failures', async () => {
    const { call, clock } = line(instances(12))
    const fail = ({ id }: { id: string }): Promise<never> =>
      Promise.reject(['i1', 'i3'].includes(id) ? fetchFailed('ECONNREFUSED') : new Error('x'))
    const failed = rejection(call(fail, { idempotent: true }))
    await clock.advance(1_000)
    const { attempts } = await failed
    const others = attempts.filter(({ error }: { error: Error }) => error.message === 'x')
    expect(others).toHaveLength(3)
  })

  test('not after any other failure, unless idempotent', async () => {
    for (const error of [
      fetchFailed('ECONNRESET'),
      new Error('x'),
      Object.assign(new Error('e'), { status: 500 }),
    ]) {
      const { call, called } = line(instances(3))
      const failed = await rejection(call(() => Promise.reject(error)))
      expect(called).toEqual(['i0'])
      expect(failed).toMatchObject({ code: 'CALL_FAILED', cause: error })
      expect(failed.message).toMatch(/may have happened/)
    }
    const { call, called } = line(instances(3))
    expect(
      await call(({ id }) => (id === 'i0' ? Promise.reject(new Error('x')) : id), { idempotent: true }),
    ).toBe('i1')
    expect(called).toEqual(['i0', 'i1'])
  })

  test('after a failed result only if idempotent; what is left of it is ended', async () => {
    const { call, called } = line(instances(2))
    const signals: AbortSignal[] = []
    const result = await call(
      ({ id }, { signal }) => {
        signals.push(signal)
        return { status: id === 'i0' ? 503 : 200 }
      },
      { idempotent: true },
    )
    expect(result).toEqual({ status: 200 })
    expect(called).toEqual(['i0', 'i1'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  test('the last failed result is returned, untouched, when the attempts run out', async () => {
    const { call, clock, called } = line(instances(3))
    const signals: AbortSignal[] = []
    const result = call(
      ({ id }, { signal }) => {
        signals.push(signal)
        return { status: 503, id }
      },
      { idempotent: true },
    )
    await clock.advance(300)
    expect(await result).toEqual({ status: 503, id: 'i2' })
    expect(called).toEqual(['i0', 'i1', 'i2'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false])
  })

  test('a tried endpoint comes again only when all are tried, after a pause', async () => {
    const { call, clock, called } = line(instances(2))
    const failed = rejection(call(() => Promise.reject(new Error('x')), { idempotent: true, attempts: 4 }))
    await clock.settle()
    expect(called).toEqual(['i0', 'i1'])
    await clock.advance(1_000)
    expect(called).toEqual(['i0', 'i1', 'i0', 'i0'])
    expect((await failed).attempts).toHaveLength(4)
  })

  test('the first retry waits when there is nobody else', async () => {
    const { call, clock, called, inFlight } = line(instances(1))
    const failed = rejection(call(() => Promise.reject(fetchFailed('ECONNREFUSED'))))
    await clock.settle()
    expect(called).toEqual(['i0'])
    expect(inFlight()).toEqual([0])
    expect(clock.nextInMs).toBeLessThanOrEqual(25)
    await clock.advance(100)
    expect(called).toEqual(['i0', 'i0', 'i0'])
    expect((await failed).code).toBe('CALL_FAILED')
  })

  test('pauses grow from 25 to 250 ms at most', async () => {
    const { call, clock } = line(instances(1), { random: () => -1 })
    const pauses: number[] = []
    const failed = rejection(
      call(() => Promise.reject(new Error('x')), {
        idempotent: true,
        attempts: 8,
        deadlineMs: 60_000,
      }),
    )
    for (let i = 0; i < 7; i++) {
      await clock.settle()
      pauses.push(Math.round(clock.nextInMs!))
      await clock.advance(clock.nextInMs!)
    }
    await failed
    expect(pauses).toEqual([25, 50, 100, 200, 250, 250, 250])
  })
})

describe('time', () => {
  test('a silent instance is left after attemptTimeoutMs; it may have happened', async () => {
    const { call, clock, called, inFlight, selector } = line(instances(2))
    let signal: AbortSignal | undefined
    const failed = rejection(
      call((_, context) => silent((signal = context.signal)), { attemptTimeoutMs: 500 }),
    )
    await clock.advance(499)
    expect(signal!.aborted).toBe(false)
    await clock.advance(1)
    expect(await failed).toMatchObject({ code: 'CALL_FAILED', cause: { code: 'TIMEOUT' } })
    expect(isRollcallError(signal!.reason, 'TIMEOUT')).toBe(true)
    expect(called).toEqual(['i0'])
    expect(inFlight()).toEqual([0, 0])
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(1)
  })

  test('and another is asked if idempotent', async () => {
    const { call, clock } = line(instances(2))
    const result = call(({ id }) => (id === 'i0' ? silent() : id), { idempotent: true })
    await clock.advance(2_000)
    expect(await result).toBe('i1')
  })

  test('the deadline spans the attempts; one that it cut very short is not blamed', async () => {
    const { call, clock, called, selector } = line(instances(3))
    const failed = rejection(
      call((_, { signal }) => silent(signal), {
        idempotent: true,
        attemptTimeoutMs: 1_000,
        deadlineMs: 1_200,
      }),
    )
    await clock.advance(1_000)
    expect(called).toEqual(['i0', 'i1'])
    await clock.advance(200)
    const error = await failed
    expect(error.code).toBe('CALL_FAILED')
    expect(error.message).toMatch(/deadline of 1200 ms/)
    expect(error.attempts.map(({ ms }: { ms: number }) => ms)).toEqual([1_000, 200])
    expect(selector.endpoints.map(({ consecutiveFailures }) => consecutiveFailures)).toEqual([1, 0, 0])
  })

  test('a deadline shorter than an attempt blames a silent instance', async () => {
    const { call, clock, selector } = line(instances(1))
    const failed = rejection(call(() => silent(), { deadlineMs: 300 }))
    await clock.advance(300)
    await failed
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(1)
  })

  test('a function that settles too late changes nothing and harms nobody', async () => {
    const { call, clock, inFlight } = line(instances(1))
    let reject: (error: Error) => void = () => {}
    const failed = rejection(call(() => new Promise((_, no) => (reject = no))))
    await clock.advance(2_000)
    await failed
    reject(new Error('late'))
    await clock.settle()
    expect(inFlight()).toEqual([0])
  })
})

test('what a timeout sets off runs in the async context of its own call', async () => {
  const store = new AsyncLocalStorage<string>()
  const { call, clock } = line(instances(1))
  const seen: unknown[] = []
  const slow = (name: string): Promise<unknown> =>
    store.run(name, () =>
      rejection(
        call((_, { signal }) => {
          signal.addEventListener('abort', () => seen.push(store.getStore()))
          return silent()
        }),
      ),
    )
  const calls = [slow('one'), slow('other')]
  await clock.advance(2_000)
  await Promise.all(calls)
  expect(seen).toEqual(['one', 'other'])
})

describe('readiness', () => {
  test('is waited for within the deadline', async () => {
    const { call, clock, list, waits } = line()
    const result = call(({ id }) => id)
    await clock.advance(9_000)
    list(instances(1))
    expect(await result).toBe('i0')
    expect(waits()).toBe(1)
    await call(({ id }) => id)
    expect(waits()).toBe(1)
    expect(clock.timers).toBe(0)
  })

  test('that does not come is a TIMEOUT', async () => {
    const { call, clock, called } = line()
    const failed = rejection(call(() => 1, { deadlineMs: 500 }))
    await clock.advance(500)
    expect(await failed).toMatchObject({ code: 'TIMEOUT' })
    expect(called).toEqual([])
  })

  test('that fails is thrown as it is', async () => {
    const { source } = line()
    const error = new RollcallError('MISCONFIGURED', 'refused')
    expect(await rejection(new Caller({ ...source, ready: () => Promise.reject(error) }).call(() => 1))).toBe(
      error,
    )
  })

  test('an empty set is NO_INSTANCES at once', async () => {
    expect(await rejection(line([]).call(() => 1))).toMatchObject({ code: 'NO_INSTANCES' })
  })

  test('a set that empties between two attempts is CALL_FAILED', async () => {
    const { call, list } = line(instances(2))
    const failed = await rejection(
      call(() => {
        list([])
        throw fetchFailed('ECONNREFUSED')
      }),
    )
    expect(failed).toMatchObject({ code: 'CALL_FAILED' })
    expect(failed.message).toMatch(/no instance being left/)
  })
})

describe('the caller hangs up', () => {
  const reason = new Error('enough')

  test('before: nobody is called', async () => {
    const { call, called } = line(instances(1))
    expect(await rejection(call(() => 1, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(called).toEqual([])
  })

  test('on a hundred calls at once with one signal, without a warning of a leak', async () => {
    const caller = new AbortController()
    const { call, clock } = line(instances(2))
    const failed = Array.from({ length: 100 }, () =>
      rejection(call(() => silent(), { signal: caller.signal })),
    )
    await clock.settle()
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(100)
    expect(getMaxListeners(caller.signal)).toBe(Infinity)
    caller.abort(reason)
    expect(new Set(await Promise.all(failed))).toEqual(new Set([reason]))
  })

  test('with a signal whose limit of listeners is the caller’s own', async () => {
    const caller = new AbortController()
    setMaxListeners(3, caller.signal)
    await line(instances(2)).call(() => 1, { signal: caller.signal })
    expect(getMaxListeners(caller.signal)).toBe(3)
  })

  test('during readiness', async () => {
    const caller = new AbortController()
    const { call, clock } = line()
    const failed = rejection(call(() => 1, { signal: caller.signal }))
    caller.abort(reason)
    expect(await failed).toBe(reason)
    expect(clock.timers).toBe(0)
  })

  test('during an attempt, even of a function that never settles: cancelled, nobody is blamed', async () => {
    const caller = new AbortController()
    const { call, clock, inFlight, selector } = line(instances(2))
    let seen: AbortSignal | undefined
    const failed = rejection(
      call(
        (_, { signal }) => {
          seen = signal
          return silent()
        },
        { signal: caller.signal, idempotent: true },
      ),
    )
    await clock.settle()
    caller.abort(reason)
    expect(await failed).toBe(reason)
    expect(seen!.reason).toBe(reason)
    expect(inFlight()).toEqual([0, 0])
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(0)
    expect(clock.timers).toBe(0)
  })

  test('during a pause', async () => {
    const caller = new AbortController()
    const { call, clock, called } = line(instances(1))
    const failed = rejection(
      call(() => Promise.reject(new Error('x')), { signal: caller.signal, idempotent: true }),
    )
    await clock.settle()
    caller.abort(reason)
    expect(await failed).toBe(reason)
    expect(called).toEqual(['i0'])
    expect(clock.timers).toBe(0)
  })
})

describe('CALL_FAILED', () => {
  test('holds every attempt and tells them in words', async () => {
    const { call, clock } = line(instances(3))
    const failed = rejection(
      call(({ id }) => (id === 'i0' ? silent() : Promise.reject(fetchFailed('ECONNREFUSED'))), {
        idempotent: true,
      }),
    )
    await clock.advance(2_100)
    const error = await failed
    expect(error).toBeInstanceOf(CallFailedError)
    expect(error.attempts).toMatchObject([
      { instanceId: 'i0', url: 'http://i0.test:3000', ms: 2_000, error: { code: 'TIMEOUT' } },
      { instanceId: 'i1', url: 'http://i1.test:3000', ms: 0 },
      { instanceId: 'i2', url: 'http://i2.test:3000', ms: 0 },
    ])
    expect(error.cause).toBe(error.attempts[2].error)
    expect(error.message).toBe(
      'The call to orders failed, its 3 attempts being used: ' +
        'i0 (http://i0.test:3000) after 2000 ms: TIMEOUT i0 gave no answer for 2000 ms, its attemptTimeoutMs; ' +
        'i1 (http://i1.test:3000) after 0 ms: fetch failed (connect ECONNREFUSED); ' +
        'i2 (http://i2.test:3000) after 0 ms: fetch failed (connect ECONNREFUSED).',
    )
  })

  test('names the code of an error without a message', async () => {
    const aggregate = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    const { call, clock } = line(instances(1))
    const failed = rejection(
      call(() => Promise.reject(new TypeError('fetch failed', { cause: aggregate })), { attempts: 1 }),
    )
    await clock.settle()
    expect((await failed).message).toMatch(/its one attempt being used: i0 .* fetch failed \(ECONNREFUSED/)
  })
})

describe('options', () => {
  const bad: [CallOptions<unknown>, RegExp][] = [
    [{ attemptTimeoutMs: 0 }, /Option attemptTimeoutMs is 0: give a number from 1/],
    [{ attemptTimeoutMs: Number.NaN }, /Option attemptTimeoutMs/],
    [{ deadlineMs: -1 }, /Option deadlineMs/],
    [{ deadlineMs: Infinity }, /Option deadlineMs/],
    [{ attempts: 0 }, /Option attempts/],
    [{ attempts: 1.5 }, /Option attempts is 1.5: give a whole number/],
    [{ idempotent: 'yes' as never }, /Option idempotent is "yes"/],
    [{ classify: 'ok' as never }, /Option classify is "ok": give a function/],
    [{ signal: {} as never }, /Option signal is an object: give an AbortSignal/],
  ]

  test.each(bad)('%j', async (options, message) => {
    const { call, called } = line(instances(1))
    const error = await rejection(call(() => 1, options))
    expect(error).toMatchObject({ code: 'BAD_OPTION' })
    expect(error.message).toMatch(message)
    expect(called).toEqual([])
  })

  test('unknown ones are told', async () => {
    const error = await rejection(line(instances(1)).call(() => 1, { idempotant: true } as never))
    expect(error).toMatchObject({ code: 'UNKNOWN_OPTION' })
    expect(error.message).toMatch(/Did you mean idempotent/)
  })

  test('an undefined one is not given', async () => {
    expect(await line(instances(1)).call(() => 1, { signal: undefined, attempts: undefined } as never)).toBe(
      1,
    )
  })

  test('what is called must be a function', async () => {
    const { caller } = line(instances(1))
    expect(await rejection(caller.call('x' as never))).toMatchObject({ code: 'BAD_OPTION' })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
      /mine/,
    ],
    ['returns another word', () => 'good' as never, /Option classify returned "good"/],
  ])('a classify that %s rejects, and blames nobody', async (_, classify, message) => {
    const { call, selector, inFlight } = line(instances(2))
    expect((await rejection(call(() => 1, { classify, idempotent: true }))).message).toMatch(message)
    expect(inFlight()).toEqual([0, 0])
    expect(selector.endpoints[0]!.consecutiveFailures).toBe(0)
  })
})

test('one instance killed of three: no idempotent call fails, and only the first calls notice', async () => {
  const { call, called, events } = line(instances(3), { balancer: 'weighted' })
  for (let i = 0; i < 300; i++) {
    await call(({ id }) => (id === 'i1' ? Promise.reject(fetchFailed('ECONNREFUSED')) : id))
  }
  expect(called.filter((id) => id === 'i1')).toHaveLength(1)
  expect(events).toHaveLength(1)
})

test.each(['name', 'code', 'status', 'response', 'headers'])(
  'an error or a failed result that throws when its %s is looked at hangs nobody',
  async (name) => {
    const mine = new Error('mine')
    const odd = Object.defineProperty(new Error('odd'), name, {
      get: () => {
        throw mine
      },
    })
    const { call, inFlight, clock } = line(instances(2))
    const ends = [
      call(() => Promise.reject(odd), { attempts: 1 }),
      call(() => odd, { classify: () => 'failed', attempts: 1 }),
    ].map((end) => end.catch((error: unknown) => error))
    // Matchers look into what they compare.
    const isExpected = (end: unknown): boolean =>
      end === mine || end === odd || end instanceof CallFailedError
    expect((await Promise.all(ends)).map(isExpected)).toEqual([true, true])
    expect(inFlight()).toEqual([0, 0])
    expect(clock.timers).toBe(0)
  },
)

test('outcomes reach the endpoint as they are', async () => {
  const outcomes: [() => unknown, Outcome][] = [
    [() => 1, 'ok'],
    [() => Promise.reject(new Error('x')), 'failed'],
    [() => Promise.reject(fetchFailed('ECONNREFUSED')), 'refused'],
    [() => Promise.reject(new DOMException('x', 'AbortError')), 'cancelled'],
  ]
  for (const [fn, wanted] of outcomes) {
    const { caller, selector } = line([instance('a')])
    const told: Outcome[] = []
    const settle = selector.settle.bind(selector)
    selector.settle = (endpoint, outcome, ...more) => (told.push(outcome), settle(endpoint, outcome, ...more))
    await caller.call(fn, { attempts: 1 }).catch(() => {})
    expect(told).toEqual([wanted])
  }
})
