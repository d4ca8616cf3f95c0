import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScriptedAdapter, ManualClock, throws, ScriptedLease } from '@rollcall/testing'
import { connect, RollcallError, type AdapterDefinition } from '@rollcall/core'
import { redactorOf, safeError, withSafeErrors } from '../../src/redact.js'

const token = 'to+ken/s3cr3t "quoted" é'
const password = 'hunter2&more'

/** Every way a client library might carry them. */
const leaks = [
  token,
  password,
  encodeURIComponent(token),
  encodeURIComponent(password),
  JSON.stringify(token).slice(1, -1),
  Buffer.from(token).toString('base64'),
  Buffer.from(password).toString('base64').replace(/=+$/, ''),
  Buffer.from(token).toString('base64url'),
  Buffer.from(`root:${password}`).toString('base64'),
]

function leakyError(): Error {
  const text = leaks.join(' | ')
  const inner = Object.assign(new Error(`inner ${text}`), {
    code: 'ECONNREFUSED',
    config: { headers: { token } },
  })
  const outer = Object.assign(new Error(`outer ${text}`, { cause: inner }), {
    request: { headers: { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` } },
    response: { body: token },
  })
  return outer
}

function mustNotLeak(...shown: unknown[]): void {
  const texts = shown.flatMap((value) => [
    inspect(value, { depth: 20, showHidden: true }),
    JSON.stringify(value) ?? '',
    (value as Error | undefined)?.stack ?? '',
  ])
  for (const text of texts) for (const leak of leaks) expect(text).not.toContain(leak)
}

function definition(adapter: ScriptedAdapter, open?: AdapterDefinition['open']): AdapterDefinition {
  return {
    schemes: ['mine'],
    defaultHost: '127.0.0.1',
    accepts: { hosts: 'many', defaultPort: 1, path: true, userinfo: true },
    options: { token: { type: 'string', secret: true, about: 'a token' } },
    open: open ?? (() => adapter),
  }
}

const url = `mine://root:${encodeURIComponent(password)}@h`

describe('secrets', () => {
  it('are in no error, no cause, no event, and in nothing that is printed', async () => {
    const adapter = new ScriptedAdapter()
    const clock = new ManualClock()
    const registry = await connect(url, { adapters: [definition(adapter)], token, clock })
    const events: unknown[] = []
    registry.events.on('*', (event) => events.push(event))
    const leaky = () => {
      throw leakyError()
    }
    const lease = new ScriptedLease(15_000)
    adapter.registering
      .next(leaky)
      .next(() => lease)
      .always(leaky)
    adapter.releasing.always(leaky)
    adapter.watching.always(leaky)
    const announcement = await registry.announce({ service: 'orders', port: 80 })
    expect(announcement.error).toMatchObject({
      code: 'UNAVAILABLE',
      cause: { cause: { code: 'ECONNREFUSED' } },
    })
    mustNotLeak(announcement.error)
    const view = registry.service('orders')
    void view.snapshot
    await clock.advance(3_000)
    expect(announcement.state).toBe('registered')
    lease.renewing.always(leaky)
    await clock.advance(10_000)
    lease.lose(leakyError())
    await clock.advance(1_000)
    adapter.registering.always(
      throws(new RollcallError('MISCONFIGURED', `refused ${token}`, { cause: leakyError() })),
    )
    await clock.advance(20_000)
    expect(announcement.error).toMatchObject({ code: 'MISCONFIGURED', message: 'refused ***' })
    let notReady: unknown
    try {
      view.pick()
    } catch (error) {
      notReady = error
    }
    mustNotLeak(registry, view, announcement, notReady, announcement.error, ...events)
    const closed = registry.close()
    await clock.advance(5_000)
    await closed
    mustNotLeak(...events)
    const types = new Set((events as { type: string }[]).map(({ type }) => type))
    expect([...types].toSorted()).toEqual([
      'announcement.left',
      'announcement.lost',
      'announcement.registered',
      'announcement.retrying',
      'watch.failed',
    ])
  })

  it('are in no error of the opening, and in no warning', async () => {
    const failing = definition(new ScriptedAdapter(), () => {
      throw leakyError()
    })
    const error: unknown = await connect(url, { adapters: [failing], token }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'UNAVAILABLE' })
    mustNotLeak(error)
    const warning = definition(new ScriptedAdapter(), (_, __, { warn }) => {
      warn(`weak token ${token}`)
      return new ScriptedAdapter()
    })
    const registry = await connect(url, { adapters: [warning], token })
    const seen: unknown[] = []
    registry.events.on('*', (event) => seen.push(event))
    registry.service('orders')
    expect(seen).toMatchObject([{ message: 'weak token ***' }])
  })

  it('are not quoted when they are no good, or given twice', async () => {
    const adapters = [definition(new ScriptedAdapter())]
    for (const attempt of [
      connect(`${url}?token=${encodeURIComponent(token)}`, { adapters, token }),
      connect(url, { adapters, token: [token] as never }),
      connect(url, { adapters, token, x: 1 }),
      connect(`${url}/%`, { adapters, token }),
    ]) {
      const error: unknown = await attempt.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(RollcallError)
      mustNotLeak(error)
    }
  })

  it('are found wherever they stand in base64', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6 }),
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        (secret, before, after) => {
          const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64')
          const clean = redactorOf([secret])(encoded)
          expect(clean).toContain('***')
          expect(Buffer.from(clean.replaceAll('***', ''), 'base64').toString()).not.toContain(
            secret.padEnd(6),
          )
        },
      ),
    )
  })

  it('of any shape break nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.string(), (secrets, text) => {
        expect(typeof redactorOf([...secrets, '\ud800', ''])(text)).toBe('string')
      }),
    )
  })
})

describe('a safe error', () => {
  const redact = (text: string): string => text

  it.each([
    undefined,
    null,
    0,
    'text',
    Symbol('s'),
    {},
    Object.create(null),
    { message: 'plain' },
    { message: {} },
    [],
  ])('is made of whatever was thrown', (thrown) => {
    expect(safeError('etcd', thrown, redact)).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('keeps codes, and ends a chain of causes that bites its tail', () => {
    const loop = Object.assign(new Error('loop'), { code: 14 })
    loop.cause = loop
    let depth = 0
    for (let error: unknown = safeError('etcd', loop, redact); error instanceof Error; error = error.cause)
      depth++
    expect(depth).toBe(6)
    expect(safeError('etcd', loop, redact).cause).toMatchObject({ code: 14, name: 'Error' })
  })

  it('keeps one object for a shared lease, and sees its fields as they are now', async () => {
    const lost = new AbortController()
    const lease = { ttlMs: 5, renew: async () => {}, lost: lost.signal as AbortSignal | undefined }
    const adapter = new ScriptedAdapter()
    adapter.registering.always(() => lease)
    const safe = withSafeErrors(adapter, redact)
    const { signal } = new AbortController()
    const one = await safe.register!({} as never, 5, signal)
    const two = await safe.register!({} as never, 5, signal)
    expect(one).toBe(two)
    expect(one.lost).toBe(two.lost)
    lost.abort(leakyError())
    expect(one.lost?.aborted).toBe(true)
    lease.ttlMs = 7
    lease.lost = undefined
    expect(one.ttlMs).toBe(7)
    expect(one.lost).toBeUndefined()
  })
})
