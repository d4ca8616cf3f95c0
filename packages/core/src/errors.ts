/**
 * Every error that Rollcall throws carries one of these codes; `docs/errors.md` has a heading for each.
 *
 * An adapter needs three of them. `LEASE_LOST`: the store has forgotten the registration, core registers again
 * at once. `MISCONFIGURED`: a refused token or certificate, told to the user once and tried again slowly.
 * `REPLACED`: a newer incarnation holds the id. Whatever else an adapter throws counts as a passing fault.
 */
export type ErrorCode =
  | 'ADAPTER_MISSING'
  | 'BAD_BALANCER'
  | 'BAD_OPTION'
  | 'BAD_URL'
  | 'CALL_FAILED'
  | 'CLOSED'
  | 'HOST_REQUIRED'
  | 'LEASE_LOST'
  | 'MISCONFIGURED'
  | 'NOT_READY'
  | 'NO_INSTANCES'
  | 'OVERLOADED'
  | 'READ_ONLY'
  | 'REPLACED'
  | 'TIMEOUT'
  | 'UNAVAILABLE'
  | 'UNKNOWN_OPTION'
  | 'UNKNOWN_SCHEME'
  | 'UNSUPPORTED'

// Two copies of core may meet in one process (an application's and an adapter's): a brand survives that, a class does not.
const brand = Symbol.for('rollcall.error')

export class RollcallError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RollcallError'
    this.code = code
    Object.defineProperty(this, brand, { value: true })
  }
}

/** True for an error of Rollcall's, of the given code if one is given, whichever copy of core made it. */
export function isRollcallError(error: unknown, code?: ErrorCode): error is RollcallError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || (error as { code?: unknown }).code === code
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { message, name } = error as { message?: unknown; name?: unknown }
  // Some clients throw plain objects. Their other fields may hold a request, headers and all.
  const text = [message, name].find((part) => typeof part === 'string' && part !== '')
  return (text as string | undefined) ?? 'an object was thrown'
}
