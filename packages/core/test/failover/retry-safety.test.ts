import { describe, expect, test } from 'vitest'
import { isRefused, isSurelyUnsent } from '../../src/failover/retry-safety.js'
import { fetchFailed } from './helpers.js'

const coded = (code: string, fields: object = {}): Error => Object.assign(new Error(code), { code }, fields)

describe('surely unsent', () => {
  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
  ])('%s, by itself and as a cause', (code) => {
    expect(isSurelyUnsent(coded(code))).toBe(true)
    expect(isSurelyUnsent(fetchFailed(code))).toBe(true)
    expect(isSurelyUnsent(new Error('outer', { cause: fetchFailed(code) }))).toBe(true)
  })

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'ERR_X', ''])(
    'not %s',
    (code) => {
      expect(isSurelyUnsent(coded(code))).toBe(false)
      expect(isSurelyUnsent(fetchFailed(code))).toBe(false)
    },
  )

  test('an unreachable host only while connecting', () => {
    expect(isSurelyUnsent(coded('EHOSTUNREACH', { syscall: 'connect' }))).toBe(true)
    expect(isSurelyUnsent(coded('EHOSTUNREACH', { syscall: 'read' }))).toBe(false)
    expect(isSurelyUnsent(coded('ETIMEDOUT', { syscall: 'connect' }))).toBe(true)
    expect(isSurelyUnsent(coded('ECONNRESET', { syscall: 'connect' }))).toBe(true)
    expect(isSurelyUnsent(coded('ECONNRESET', { syscall: 'read' }))).toBe(false)
  })

  test('an AggregateError only if all of it is', () => {
    const refused = coded('ECONNREFUSED')
    const both = Object.assign(new AggregateError([refused, coded('ENETUNREACH')]), { code: 'ECONNREFUSED' })
    expect(isSurelyUnsent(both)).toBe(true)
    expect(isRefused(both)).toBe(false)
    expect(isRefused(new TypeError('fetch failed', { cause: new AggregateError([refused, refused]) }))).toBe(
      true,
    )
    expect(
      isSurelyUnsent(Object.assign(new AggregateError([refused, coded('EPIPE')]), { code: 'ECONNREFUSED' })),
    ).toBe(false)
    expect(isSurelyUnsent(new AggregateError([]))).toBe(false)
  })

  test('nothing else that may be thrown, a circular cause included', () => {
    const circular = new Error('round')
    circular.cause = circular
    for (const error of [undefined, null, 'ECONNREFUSED', 7, {}, new Error('x'), circular]) {
      expect(isSurelyUnsent(error)).toBe(false)
    }
  })
})

test('only a refusal is a refusal', () => {
  expect(isRefused(fetchFailed('ECONNREFUSED'))).toBe(true)
  for (const code of ['ENOTFOUND', 'EHOSTUNREACH', 'ECONNRESET'])
    expect(isRefused(fetchFailed(code))).toBe(false)
})
