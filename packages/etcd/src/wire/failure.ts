import { RollcallError, messageOf } from '@rollcall/core/adapter'

const refusals: readonly (readonly [RegExp, string])[] = [
  [/invalid user ID or password/, 'etcd refused user or password: mend username and password'],
  [/user name is empty/, 'etcd asks for a user: give username and password'],
  [/permission denied|PERMISSION_DENIED/i, "etcd denied it: grant the user's role readwrite on the base"],
  [
    /self.signed certificate|unable to (verify|get).*certificate|certificate has expired|altnames|ERR_TLS_CERT/i,
    "etcd's certificate was refused: mend ca and serverName",
  ],
  [
    /alert (number|bad|unknown|unsupported|certificate|handshake|access)/i,
    'etcd refused our certificate: mend cert and key',
  ],
]

/** What core must tell apart; any other failure stays as it is and counts as passing. */
export function explain(error: unknown): unknown {
  const message = messageOf(error)
  if (message.includes('requested lease not found')) {
    return new RollcallError('LEASE_LOST', 'etcd knows our lease no more.', { cause: error })
  }
  const refusal = refusals.find(([pattern]) => pattern.test(message))
  return refusal ? new RollcallError('MISCONFIGURED', `${refusal[1]} (${message}).`, { cause: error }) : error
}
