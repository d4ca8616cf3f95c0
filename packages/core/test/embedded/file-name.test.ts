import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { folderName, recordName, recordPrefix, serviceOfFolder } from '../../src/embedded/file-name.js'

const services = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
const ids = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$/),
  fc.string({ unit: 'grapheme', minLength: 1 }),
)

describe('file names', () => {
  it('of services can be read back, and are told apart where case does not count', () => {
    fc.assert(
      fc.property(services, services, (a, b) => {
        expect(serviceOfFolder(folderName(a))).toBe(a)
        if (a !== b) expect(folderName(a).toLowerCase()).not.toBe(folderName(b).toLowerCase())
      }),
    )
  })

  it('of records fit any file system, whatever the id', () => {
    fc.assert(
      fc.property(ids, ids, (id, incarnation) => {
        const name = recordName({ id, incarnation })
        expect(name).toMatch(/^[\w.%~-]{1,230}$/)
        expect(name.startsWith(recordPrefix(id))).toBe(true)
      }),
    )
  })

  it('of records are told apart, however long the ids and alike', () => {
    const long = 'x'.repeat(199)
    const names = ['a', 'A', 'a.', 'a..b', 'a:b', 'a@b', `${long}a`, `${long}b`, `${long}A`].map((id) =>
      recordName({ id, incarnation: '1' }).toLowerCase(),
    )
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('a~1.json')
  })

  it('of other folders are no service', () => {
    expect(serviceOfFolder('%')).toBeUndefined()
    expect(serviceOfFolder('Orders')).toBeUndefined()
    expect(serviceOfFolder('lost+found')).toBeUndefined()
  })
})
