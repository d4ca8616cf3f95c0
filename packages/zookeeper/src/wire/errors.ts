const names: Readonly<Record<number, string>> = {
  [-1]: 'SYSTEM_ERROR',
  [-2]: 'RUNTIME_INCONSISTENCY',
  [-3]: 'DATA_INCONSISTENCY',
  [-4]: 'CONNECTION_LOSS',
  [-5]: 'MARSHALLING_ERROR',
  [-6]: 'UNIMPLEMENTED',
  [-7]: 'OPERATION_TIMEOUT',
  [-8]: 'BAD_ARGUMENTS',
  [-101]: 'NO_NODE',
  [-102]: 'NO_AUTH',
  [-103]: 'BAD_VERSION',
  [-108]: 'NO_CHILDREN_FOR_EPHEMERALS',
  [-110]: 'NODE_EXISTS',
  [-111]: 'NOT_EMPTY',
  [-112]: 'SESSION_EXPIRED',
  [-113]: 'INVALID_CALLBACK',
  [-114]: 'INVALID_ACL',
  [-115]: 'AUTH_FAILED',
  [-118]: 'SESSION_MOVED',
  [-119]: 'NOT_READ_ONLY',
  [-121]: 'NO_WATCHER',
  [-124]: 'AUTH_REQUIRED',
  [-125]: 'QUOTA_EXCEEDED',
  [-127]: 'THROTTLED',
}

/**
 * A refusal by the server, or a failure on the way to it. `code` is the server's own name for it (`NO_NODE`), or
 * `ERROR_<number>` for a number unknown here, or one of `CONNECTION_LOSS`, `SESSION_EXPIRED`, `CERTIFICATE`, `CLOSED`.
 */
export class ZooKeeperError extends Error {
  readonly code: string
  /** What was asked, of whom, and why it failed. */
  readonly about: string

  constructor(code: string, about: string, options?: ErrorOptions) {
    super(`${code}: ${about}`, options)
    this.name = 'ZooKeeperError'
    this.code = code
    this.about = about
  }
}

/** Servers gain codes over time: an unknown one is an answer like any other, told by its number. */
export function serverError(number: number, about: string): ZooKeeperError {
  return new ZooKeeperError(names[number] ?? `ERROR_${number}`, about)
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof ZooKeeperError && codes.includes(error.code)
}
