import type { Socket } from 'node:net'

const mostQueuedBytes = 1 << 20

/** One direction of a proxied connection: passes on what it reads, later by `delayMs()`, or holds it back. */
export class FaultPipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: () => number
  readonly #queue: { chunk: Buffer | 'end'; due: number }[] = []
  #queuedBytes = 0
  #lastDue = 0
  #held = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, delayMs: () => number, onBytes: (count: number) => void) {
    this.#from = from
    this.#to = to
    this.#delayMs = delayMs
    from.on('data', (chunk: Buffer) => {
      onBytes(chunk.length)
      this.#push(chunk)
    })
    from.on('end', () => this.#push('end'))
    to.on('drain', () => this.#flush())
  }

  /** Nothing passes any more; nothing is lost either: what was sent waits, as in a network that is cut. */
  hold(): void {
    this.#held = true
    this.#from.pause()
    clearTimeout(this.#timer)
  }

  release(): void {
    this.#held = false
    this.#flush()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#queue.length = 0
  }

  #push(chunk: Buffer | 'end'): void {
    // Never before what was sent earlier, though the delay may have become shorter meanwhile.
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#delayMs())
    this.#queue.push({ chunk, due: this.#lastDue })
    this.#queuedBytes += chunk.length
    this.#flush()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    while (!this.#held && !this.#to.writableNeedDrain) {
      const next = this.#queue[0]
      if (!next) break
      const wait = next.due - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#flush(), Math.ceil(wait))
        break
      }
      this.#queue.shift()
      this.#write(next.chunk)
    }
    this.#throttle()
  }

  #write(chunk: Buffer | 'end'): void {
    this.#queuedBytes -= chunk.length
    if (!this.#to.writable) return
    if (chunk === 'end') this.#to.end()
    else this.#to.write(chunk)
  }

  #throttle(): void {
    if (this.#held || this.#queuedBytes > mostQueuedBytes) this.#from.pause()
    else this.#from.resume()
  }
}
