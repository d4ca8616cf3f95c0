/** What the calls of one phase came to. Times are from when a call was meant to begin until it had ended. */
export interface Summary {
  readonly made: number
  readonly failed: number
  /** Requests that instances were sent. */
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** How late a call began at the 99th percentile: more than a few milliseconds, and the caller was overloaded. */
  readonly p99LateMs: number
  /** The first few. */
  readonly errors: readonly string[]
}

const keptErrors = 3

/** Counts the calls of one phase: those that were meant to begin in it. */
export class Tally {
  made = 0
  failed = 0
  requests = 0
  readonly errors: string[] = []
  readonly #times: number[] = []
  readonly #late: number[] = []

  begin(lateMs: number): void {
    this.made++
    this.#late.push(lateMs)
  }

  end(tookMs: number, error?: string): void {
    this.#times.push(tookMs)
    if (error === undefined) return
    this.failed++
    if (this.errors.length < keptErrors) this.errors.push(error)
  }

  summary(): Summary {
    const { made, failed, requests, errors } = this
    const times = this.#times.toSorted((a, b) => a - b)
    const late = this.#late.toSorted((a, b) => a - b)
    return {
      made,
      failed,
      requests,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
      p99LateMs: quantile(late, 0.99),
      errors,
    }
  }
}

/** The smallest value that at least this share does not exceed; NaN when there is none. */
function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return Math.round(value * 10) / 10
}
