const kept = 500

/** The latest latencies of one instance, in milliseconds. */
export class Latencies {
  readonly #values: number[] = []
  #next = 0

  add(ms: number): void {
    this.#values[this.#next] = ms
    this.#next = (this.#next + 1) % kept
  }

  /** The value that this share of them does not exceed; undefined while there is none. */
  quantile(share: number): number | undefined {
    const sorted = this.#values.toSorted((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  }
}
