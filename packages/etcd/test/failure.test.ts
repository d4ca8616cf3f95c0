import { isRollcallError } from '@rollcall/core/adapter'
import { describe, expect, test } from 'vitest'
import { explain } from '../src/wire/failure.js'

const noConnection = '14 UNAVAILABLE: No connection established. Last error: '

describe('what a failure says', () => {
  test.each([
    [
      `${noConnection}Error: connect ECONNREFUSED 10.0.0.1:2379. Resolution note: `,
      'connect ECONNREFUSED 10.0.0.1:2379',
    ],
    [`${noConnection}Protocol error (2026-01-02T03:04:05.678Z). Resolution note: `, 'Protocol error'],
    [`${noConnection}Error: read ECONNRESET. Resolution note: `, 'read ECONNRESET'],
  ])('%s', (raw, plain) => {
    const explained = explain(new Error(raw), '10.0.0.1:2379') as Error
    expect(explained.message).toBe(
      `14 UNAVAILABLE: ${plain} (does etcd serve clients at 10.0.0.1:2379, and TLS just if the URL says +tls?)`,
    )
    expect(isRollcallError(explained)).toBe(false)
  })

  test('no advice where gRPC was spoken, or the host is the user’s own affair', () => {
    const stall = new Error('4 DEADLINE_EXCEEDED: Deadline exceeded after 4.001s')
    expect(explain(stall, 'h:1')).toMatchObject({ message: stall.message, cause: stall })
    const dropped = new Error('14 UNAVAILABLE: Connection dropped')
    expect(explain(dropped, 'h:1')).toMatchObject({ message: dropped.message })
    const raw = new Error('14 UNAVAILABLE: Name resolution failed for target dns:h:1')
    expect(explain(raw, undefined)).toMatchObject({ message: raw.message })
  })
})
