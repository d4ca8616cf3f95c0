import { describe, expect, test } from 'vitest'
import { Bell } from '../src/wire/bell.js'
import { turn } from './support/turn.js'

describe('a bell', () => {
  test('rung often is heard once', async () => {
    const bell = new Bell()
    for (let i = 0; i < 3; i++) bell.ring()
    await bell.heard()
    let isHeardAgain = false
    const again = bell.heard().then(() => (isHeardAgain = true))
    await turn()
    expect(isHeardAgain).toBe(false)
    bell.ring()
    await again
  })

  test('that failed throws its first failure, to who waits and to who comes later', async () => {
    const bell = new Bell()
    const waiting = bell.heard()
    bell.fail(new Error('first'))
    bell.fail(new Error('second'))
    await expect(waiting).rejects.toThrow('first')
    bell.ring()
    await expect(bell.heard()).rejects.toThrow('first')
  })
})
