// Eight buckets to an octave, so that a quantile is at most 9 % too high: from 1/16 ms in 21 octaves to 131 s.
const perOctave = 8
const size = 21 * perOctave
const lowestLog = -4

const windowMs = 30_000
const fewest = 20
/** A quantile is good for so many more samples. */
const freshFor = 32

/**
 * How long recent attempts took: counts in logarithmic buckets, of fixed size however many there are. Two windows are
 * kept, so that the last 30 to 60 s are looked back upon.
 */
export class Latencies {
  #recent = new Uint32Array(size)
  #before = new Uint32Array(size)
  #recentCount = 0
  #beforeCount = 0
  #windowEnd = -Infinity
  #p95: number | undefined
  #p95GoodFor = 0

  record(ms: number, now: number): void {
    if (now >= this.#windowEnd) this.#rotate(now)
    this.#recent[bucketOf(ms)]!++
    this.#recentCount++
    this.#p95GoodFor--
  }

  /** The time within which 95 % of recent attempts succeeded; undefined while fewer than 20 are known. */
  p95(now: number): number | undefined {
    if (now >= this.#windowEnd) this.#rotate(now)
    const count = this.#recentCount + this.#beforeCount
    if (count < fewest) return undefined
    if (this.#p95 === undefined || this.#p95GoodFor <= 0) {
      this.#p95 = this.#quantile(0.95 * count)
      this.#p95GoodFor = freshFor
    }
    return this.#p95
  }

  /** The upper edge of the bucket that holds the sample of this rank. */
  #quantile(rank: number): number {
    let seen = 0
    for (let i = 0; i < size; i++) {
      seen += this.#recent[i]! + this.#before[i]!
      if (seen >= rank) return 2 ** ((i + 1) / perOctave + lowestLog)
    }
    return 2 ** (size / perOctave + lowestLog)
  }

  #rotate(now: number): void {
    const isLongAgo = now >= this.#windowEnd + windowMs
    const emptied = this.#before.fill(0)
    this.#before = this.#recent
    this.#beforeCount = this.#recentCount
    this.#recent = emptied
    this.#recentCount = 0
    if (isLongAgo) {
      this.#before.fill(0)
      this.#beforeCount = 0
    }
    this.#windowEnd = isLongAgo ? now + windowMs : this.#windowEnd + windowMs
    this.#p95 = undefined
  }
}

function bucketOf(ms: number): number {
  const at = Math.floor((Math.log2(ms) - lowestLog) * perOctave)
  return at < 0 ? 0 : Math.min(at, size - 1)
}
