/**
 * Why a test server is not there.
 *
 * `SERVER_UNAVAILABLE`: nothing to run it with; the message names what to install or which variable to set.
 * `SERVER_FAILED`: it was started and did not come up, or ended; the message has the tail of its own output.
 * `SERVER_STATE`: it was asked for something that its state does not allow, such as freezing a killed server.
 */
export class ServerError extends Error {
  readonly code: 'SERVER_UNAVAILABLE' | 'SERVER_FAILED' | 'SERVER_STATE'

  constructor(code: ServerError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ServerError'
    this.code = code
  }
}
