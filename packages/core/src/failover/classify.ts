import { badOption, show } from '../options.js'

/** Whether what the instance answered is a failure of the instance. */
export type Verdict = 'ok' | 'failed'

/** Judges what `fn` resolved to. */
export type Classify<T> = (result: T) => Verdict

/** A numeric `status` (or undici's `statusCode`) of 500 or more is the instance's failure; all else is an answer. */
export function byStatus(result: unknown): Verdict {
  const status = statusOf(result)
  return status !== undefined && status >= 500 ? 'failed' : 'ok'
}

/** Calls a user's function and holds it to its two words. */
export function classified<T>(classify: Classify<T>, result: T): Verdict {
  const verdict: unknown = classify(result)
  if (verdict === 'ok' || verdict === 'failed') return verdict
  throw badOption('classify', `returned ${show(verdict)}`, "return 'ok' or 'failed'")
}

/**
 * Whether an error is an answer in disguise: axios, got and others throw on a 404. The instance is well then, and
 * another one would say the same.
 */
export function isAnswer(error: unknown): boolean {
  const status = statusOf(error) ?? statusOf(propertyOf(error, 'response'))
  return status !== undefined && status >= 200 && status < 500
}

/** An AbortError of `fn`'s own making says nothing about the instance. */
export function isAbortError(error: unknown): boolean {
  return propertyOf(error, 'name') === 'AbortError'
}

/** `status` or `statusCode`, if it is a number. */
export function statusOf(value: unknown): number | undefined {
  const status = propertyOf(value, 'status') ?? propertyOf(value, 'statusCode')
  return typeof status === 'number' ? status : undefined
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
