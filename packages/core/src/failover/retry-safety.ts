/** The request can't have left: no name, no listener, no connection. */
const unsentCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The same if they befell the connecting; in the midst of a connection the request may be at the server. */
const unsentWhenConnecting: ReadonlySet<unknown> = new Set([
  'EADDRNOTAVAIL',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
])

/** Causes may be nested, or even circular. */
const deepest = 5

/**
 * Whether the request surely never reached the server, so that another instance may be asked whatever it was.
 *
 * Judged by `code`, else by the code of the `cause`: Node's fetch hides the socket's error there. Of an
 * AggregateError (a host with several addresses) all parts must be sure. A reset and a timeout may have
 * happened after the server did its work: never.
 */
export function isSurelyUnsent(error: unknown): boolean {
  return everyError(error, ({ code, syscall }) => {
    if (unsentCodes.has(code)) return true
    if (syscall === 'connect' && (code === 'ETIMEDOUT' || code === 'ECONNRESET')) return true
    return unsentWhenConnecting.has(code) && (syscall === undefined || syscall === 'connect')
  })
}

/** Whether nobody listens at the address: a fact about the instance. A failed look-up may be our resolver's fault. */
export function isRefused(error: unknown): boolean {
  return everyError(error, ({ code }) => code === 'ECONNREFUSED')
}

interface Coded {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

function everyError(error: unknown, test: (error: Coded) => boolean, depth = deepest): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false
  const { code, cause, errors } = error as Coded
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every((each) => everyError(each, test, depth - 1))
  }
  return code === undefined ? everyError(cause, test, depth - 1) : test(error)
}
