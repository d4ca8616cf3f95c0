import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frame, FrameReader } from '../../src/wire/frames.js'
import { JuteReader, JuteWriter } from '../../src/wire/jute.js'

describe('Jute', () => {
  it('reads what it wrote', () => {
    const field = fc.record({
      int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      bool: fc.boolean(),
      text: fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(text).toString()),
    })
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), (fields) => {
        const out = new JuteWriter()
        for (const { int, long, bool, text } of fields) out.int(int).long(long).bool(bool).text(text)
        const input = new JuteReader(out.bytes())
        const read = fields.map(() => ({
          int: input.int(),
          long: input.long(),
          bool: input.bool(),
          text: input.text(),
        }))
        expect(read).toEqual(fields)
        expect(input.isAtEnd).toBe(true)
      }),
    )
  })

  it('reads null as empty, for a buffer and for a list', () => {
    const input = new JuteReader(new JuteWriter().int(-1).int(-1).bytes())
    expect(input.buffer()).toHaveLength(0)
    expect(input.list(() => input.int())).toEqual([])
  })

  it('refuses a record that ends before its fields', () => {
    const input = new JuteReader(new JuteWriter().int(10).int(1).bytes())
    expect(() => input.text()).toThrow(RangeError)
    expect(() => new JuteReader(Buffer.alloc(3)).int()).toThrow(RangeError)
  })
})

describe('frames', () => {
  it('come out whole however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)))
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(frame))
        const reader = new FrameReader()
        const received: Buffer[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length]!
          received.push(...reader.push(stream.subarray(at, at + size)))
          at += size
        }
        expect(received).toEqual(sent)
      }),
    )
  })

  it('refuse a length that no frame has', () => {
    expect(() => new FrameReader().push(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(RangeError)
    expect(() => new FrameReader().push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow(RangeError)
  })
})
