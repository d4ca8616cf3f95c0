const longestMs = 300_000

/**
 * How long the instance wants to be left alone, in milliseconds, by the `Retry-After` header of its answer (RFC 9110,
 * 10.2.3): seconds, or a date by the wall clock. 0 when it says nothing that can be read; at most 5 minutes, for nobody
 * should be able to take itself out for a day by a slip.
 *
 * The headers may be a `Headers`, a Map or a plain object, of the answer itself or of an error's `response`.
 */
export function retryAfterMs(answer: unknown, wall: number): number {
  try {
    const text = headerOf(answer) ?? headerOf(propertyOf(answer, 'response'))
    return text === undefined ? 0 : Math.min(longestMs, Math.max(0, msOf(text.trim(), wall)))
  } catch {
    // A getter or `get` of the user's that throws.
    return 0
  }
}

function headerOf(answer: unknown): string | undefined {
  const headers = propertyOf(answer, 'headers')
  if (typeof headers !== 'object' || headers === null) return undefined
  const found: unknown =
    typeof (headers as Map<string, unknown>).get === 'function'
      ? (headers as Map<string, unknown>).get('retry-after')
      : Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
  const first: unknown = Array.isArray(found) ? found[0] : found
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined
}

/** Date.parse takes `-5` and `1.5` for dates: an HTTP date begins with the day of the week. */
function msOf(text: string, wall: number): number {
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return 0
  const date = Date.parse(text)
  return Number.isNaN(date) ? 0 : date - wall
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
