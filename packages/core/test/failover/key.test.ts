import { describe, expect, test } from 'vitest'
import { keyText } from '../../src/selection/key.js'
import { instances } from '../selection/helpers.js'
import { line, rejection } from './helpers.js'

describe('a key as text', () => {
  test.each([
    ['user-7', 'user-7'],
    ['', ''],
    [7, '7'],
    [7n, '7'],
    [0, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [Infinity, 'Infinity'],
    [true, 'true'],
    [false, 'false'],
  ])('%s is %s', (key, text) => {
    expect(keyText(key)).toBe(text)
  })

  test.each([[Number.NaN], [undefined], [null], [{}], [[]], [() => 1], [Symbol('k')]])('not %s', (key) => {
    expect(() => keyText(key)).toThrow(/Option key is .*: give a string, a number, a bigint or a boolean/)
  })
})

describe('of a call', () => {
  test('goes with every pick', async () => {
    const { call, keys } = line(instances(3))
    const fail = ({ id }: { id: string }): unknown => (id === 'i0' ? Promise.reject(new Error('x')) : id)
    await call(fail, { key: 7n, idempotent: true })
    await call(() => 1)
    await call(() => 1, { key: undefined } as never)
    expect(keys).toEqual(['7', '7', undefined, undefined])
  })

  test('that is none is refused', async () => {
    const error = await rejection(line(instances(1)).call(() => 1, { key: null } as never))
    expect(error).toMatchObject({ code: 'BAD_OPTION' })
  })
})
