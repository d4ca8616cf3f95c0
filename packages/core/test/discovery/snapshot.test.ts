import { describe, expect, test } from 'vitest'
import { nextSnapshot, type SnapshotParts } from '../../src/discovery/snapshot.js'
import { readInstance, type Instance } from '../../src/instance.js'

const of = (incarnation: string, status = 'up'): Instance =>
  readInstance({ service: 'orders', id: 'a', host: '127.0.0.1', port: 3000, incarnation, status })

const parts = (fields: Partial<SnapshotParts>): SnapshotParts => ({
  listed: [],
  held: [],
  lapsed: [],
  failure: undefined,
  source: 'memory:',
  revision: undefined,
  confirmedAt: 0,
  ...fields,
})

describe('nextSnapshot', () => {
  test.each([
    [[of('0a'), of('0b')], []],
    [[of('0b'), of('0a')], [of('0c', 'down')]],
    [[of('0b')], [of('0a', 'down')]],
  ])('of two with one id takes the living, then the newer', (listed, lapsed) => {
    const { snapshot } = nextSnapshot('orders', undefined, parts({ listed, lapsed }))
    expect(snapshot.instances).toEqual([of('0b')])
  })

  test('shows who lapsed while nobody lives under its id', () => {
    const { snapshot } = nextSnapshot('orders', undefined, parts({ lapsed: [of('0a', 'down')] }))
    expect(snapshot.instances).toEqual([of('0a', 'down')])
  })
})
