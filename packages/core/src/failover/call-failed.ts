import { RollcallError, messageOf } from '../errors.js'

/** One try of a call: whom it asked, what went wrong and how long it took. */
export interface FailedAttempt {
  readonly instanceId: string
  readonly url: string
  readonly error: unknown
  readonly ms: number
}

/** CALL_FAILED: all is lost. Holds every attempt; its `cause` is the error of the last one. */
export class CallFailedError extends RollcallError {
  readonly attempts: readonly FailedAttempt[]

  constructor(service: string, why: string, attempts: readonly FailedAttempt[]) {
    const told = attempts.map(tell).join('; ')
    super('CALL_FAILED', `The call to ${service} failed, ${why}: ${told}.`, { cause: attempts.at(-1)?.error })
    this.name = 'CallFailedError'
    this.attempts = attempts
  }
}

function tell({ instanceId, url, error, ms }: FailedAttempt): string {
  return `${instanceId} (${url}) after ${Math.round(ms)} ms: ${reasonOf(error)}`
}

/** `fetch failed` and an AggregateError's empty message say nothing: the cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const message = messageOf(error)
  return cause === undefined ? codeAnd(error, message) : `${message} (${codeAnd(cause, messageOf(cause))})`
}

function codeAnd(error: unknown, message: string): string {
  const code: unknown =
    typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && !message.includes(code) ? `${code} ${message}` : message
}
