import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hash32, mix32 } from '../../../src/selection/balancers/hash.js'

describe('hash32', () => {
  // mmh3 5.3.0 (Python): mmh3.hash(text.encode('utf-16-le'), seed)
  test.each([
    ['', 0, 0],
    ['', 1, 1364076727],
    ['a', 0, 1867108634],
    ['ab', 0, 374890698],
    ['hello, world', 0, -2077892864],
    ['hello, world!', 1234, -2140031800],
    ['é€😀', 7, -734421891],
  ])('of %j with seed %d is what another Murmur3 gives', (text, seed, hash) => {
    expect(hash32(text, seed)).toBe(hash)
  })

  test('is a signed 32-bit integer for any text and seed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.integer(), (text, seed) => {
        const hash = hash32(text, seed)
        expect(hash).toBe(hash | 0)
      }),
    )
  })

  test('tells lone surrogates apart, which are all one character in UTF-8', () => {
    expect(hash32('\ud800', 0)).not.toBe(hash32('\ud801', 0))
  })

  test('spreads numbered keys evenly over its upper and its lower bits', () => {
    const keys = 64_000
    const upper = new Uint32Array(64)
    const lower = new Uint32Array(64)
    for (let i = 0; i < keys; i++) {
      const hash = hash32(`user-${i}`, 0)
      upper[hash >>> 26]!++
      lower[hash & 63]!++
    }
    for (const count of [...upper, ...lower]) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000))
  })
})

describe('mix32', () => {
  test('changes about half of the bits for any one', () => {
    for (let bit = 0; bit < 32; bit++) {
      let changed = 0
      for (let i = 0; i < 256; i++) changed += bitsOf(mix32(i * 7919) ^ mix32((i * 7919) ^ (1 << bit)))
      expect(Math.abs(changed / 256 - 16)).toBeLessThan(2)
    }
  })
})

function bitsOf(value: number): number {
  let bits = 0
  for (let left = value >>> 0; left > 0; left = Math.floor(left / 2)) bits += left % 2
  return bits
}
