import { RollcallError } from '@rollcall/core/adapter'
import { ZooKeeperError } from './errors.js'

// What only a human can mend.
const advice = new Map(
  Object.entries({
    AUTH_FAILED: 'check user and password',
    AUTH_REQUIRED: 'the server wants a user: give username and password',
    CERTIFICATE: 'check ca, cert, key and serverName, and whether this port speaks TLS',
    INVALID_ACL: 'acl "creator" needs a user that the server accepts',
    NO_AUTH: "check user, password and the node's ACL",
    UNIMPLEMENTED: 'Rollcall needs ZooKeeper 3.6 or newer',
  }),
)

/** As core wants it: MISCONFIGURED for what trying again does not mend, else the error itself, a passing fault. */
export function failureOf(error: unknown): unknown {
  if (!(error instanceof ZooKeeperError)) return error
  const fix = advice.get(error.code)
  return fix === undefined
    ? error
    : new RollcallError('MISCONFIGURED', `ZooKeeper: ${error.message} (${fix}).`, { cause: error })
}
