import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formerPlaces } from '../../../src/selection/balancers/former-places.js'
import { endpoints } from './helpers.js'

const pool = endpoints(Array.from({ length: 12 }, () => 1))

test('everybody is found where he was, newcomers nowhere', () => {
  const set = fc.shuffledSubarray(pool)
  fc.assert(
    fc.property(set, set, (before, now) => {
      expect([...formerPlaces(before, now)]).toEqual(now.map((endpoint) => before.indexOf(endpoint)))
    }),
    { seed: 1 },
  )
})

test('one who leaves, one who comes, one who is replaced', () => {
  const [a, b, c, d] = pool as [(typeof pool)[0], (typeof pool)[0], (typeof pool)[0], (typeof pool)[0]]
  expect([...formerPlaces([a, b, c], [a, c])]).toEqual([0, 2])
  expect([...formerPlaces([a, b, c], [a, b, d, c])]).toEqual([0, 1, -1, 2])
  expect([...formerPlaces([a, b, c], [a, d, c])]).toEqual([0, -1, 2])
  expect([...formerPlaces([], [a])]).toEqual([-1])
})
