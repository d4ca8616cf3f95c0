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

// No gRPC was spoken: nobody is there, or somebody else is. What the socket said of it is left open: the same stranger
// may end a connection or reset it, whichever comes first.
const noGrpc = /No connection established|without gRPC status|Waiting for LB pick|Name resolution failed/

/** What core must tell apart; any other failure counts as passing and says what may be wrong at `host`. */
export function explain(error: unknown, host: string | undefined): unknown {
  const raw = messageOf(error)
  const message = plain(raw)
  if (message.includes('requested lease not found')) {
    return new RollcallError('LEASE_LOST', 'etcd knows our lease no more.', { cause: error })
  }
  const refusal = refusals.find(([pattern]) => pattern.test(message))
  if (refusal) return new RollcallError('MISCONFIGURED', `${refusal[1]} (${message}).`, { cause: error })
  const hint = host !== undefined && noGrpc.test(raw) ? ` (${hintFor(host)})` : ''
  return new Error(message + hint, { cause: error })
}

/** Without what gRPC wraps around the one part that tells something. */
function plain(message: string): string {
  return message
    .replace(/No connection established\. Last error: (Error: )?/, '')
    .replace(/( \(\d{4}-[\dT:.-]+Z\))?\. Resolution note: ?$/, '')
}

function hintFor(host: string): string {
  return `does etcd serve clients at ${host}, and TLS just if the URL says +tls?`
}
