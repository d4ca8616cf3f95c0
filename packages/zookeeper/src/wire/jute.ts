/** Writes Jute, ZooKeeper's serialisation: big-endian numbers, and text and buffers behind their 32-bit length. */
export class JuteWriter {
  #buffer = Buffer.allocUnsafe(256)
  #length = 0

  int(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length)
    return this
  }

  long(value: bigint): this {
    this.#length = this.#room(8).writeBigInt64BE(value, this.#length)
    return this
  }

  bool(value: boolean): this {
    this.#length = this.#room(1).writeUInt8(value ? 1 : 0, this.#length)
    return this
  }

  buffer(value: Buffer): this {
    this.int(value.length)
    value.copy(this.#room(value.length), this.#length)
    this.#length += value.length
    return this
  }

  text(value: string): this {
    return this.buffer(Buffer.from(value, 'utf8'))
  }

  /** What was written so far. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  #room(count: number): Buffer {
    const needed = this.#length + count
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    return this.#buffer
  }
}

/** Reads Jute. Throws a RangeError when the record ends before its fields do. */
export class JuteReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#buffer.length
  }

  int(): number {
    return this.#buffer.readInt32BE(this.#step(4))
  }

  long(): bigint {
    return this.#buffer.readBigInt64BE(this.#step(8))
  }

  bool(): boolean {
    return this.#buffer.readUInt8(this.#step(1)) !== 0
  }

  /** A length of -1 stands for null, which is read as empty: nothing here tells the two apart. */
  buffer(): Buffer {
    const length = Math.max(0, this.int())
    const start = this.#step(length)
    return this.#buffer.subarray(start, start + length)
  }

  text(): string {
    return this.buffer().toString('utf8')
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int()) }, item)
  }

  #step(count: number): number {
    const start = this.#at
    if (start + count > this.#buffer.length) throw new RangeError('the record ends too early')
    this.#at += count
    return start
  }
}
