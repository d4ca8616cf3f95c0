// A listing of 100 000 children with long names stays below this; a stream of something else does not.
const largestFrame = 64 << 20

/** Cuts a byte stream into frames, each behind its 32-bit length. Made anew for every connection: a half frame must not outlive its socket. */
export class FrameReader {
  #chunks: Buffer[] = []
  #length = 0

  /** Takes bytes in and returns the frames that they complete. Throws a RangeError for a length that can't be one. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const frames: Buffer[] = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Buffer | undefined {
    if (this.#length < 4) return undefined
    const size = this.#frameSize()
    if (this.#length < 4 + size) return undefined
    // Joined only once a frame is whole: joining per chunk would copy a large one many times.
    const bytes = this.#join()
    const rest = bytes.subarray(4 + size)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#length = rest.length
    return bytes.subarray(4, 4 + size)
  }

  #frameSize(): number {
    if (this.#chunks[0]!.length < 4) this.#chunks = [this.#join()]
    const size = this.#chunks[0]!.readInt32BE(0)
    if (size < 0 || size > largestFrame) throw new RangeError(`a frame of ${size} bytes`)
    return size
  }

  #join(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length)
  }
}

/** The bytes behind their length, ready to be sent. */
export function frame(body: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + body.length)
  framed.writeInt32BE(body.length, 0)
  body.copy(framed, 4)
  return framed
}
