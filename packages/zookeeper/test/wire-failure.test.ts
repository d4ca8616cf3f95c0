import { describe, expect, it } from 'vitest'
import { failureOf } from '../src/wire/failure.js'
import { serverError } from '../src/wire/errors.js'
import { ZooKeeperError } from '../src/wire/index.js'

describe('a failure', () => {
  it.each([
    [-102, "check user, password and the node's ACL"],
    [-115, 'check user and password'],
    [-124, 'give username and password'],
    [-114, 'acl "creator"'],
    [-6, 'needs ZooKeeper 3.6 or newer'],
  ])('of code %i is MISCONFIGURED and says what to do', (number, advice) => {
    expect(failureOf(serverError(number, 'addWatch /services'))).toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringContaining(advice),
    })
  })

  it('of any other kind passes as it is: a passing fault', () => {
    const others = [
      serverError(-125, 'create /a'),
      new ZooKeeperError('CONNECTION_LOSS', 'x'),
      new Error('y'),
      7,
    ]
    for (const other of others) expect(failureOf(other)).toBe(other)
  })
})
