/** `HealthCheckRequest { string service = 1 }`, framed as gRPC sends it. No service is an empty message. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a), varint(name.length), name])
  const prefix = Buffer.alloc(5) // not compressed, then the length
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** The status in a framed `HealthCheckResponse { ServingStatus status = 1 }`. Throws for what is none. */
export function decodeStatus(framed: Buffer): number {
  if (framed.length < 5) throw new Error('its answer holds no message')
  if (framed[0] !== 0) throw new Error('its answer is compressed, which nobody asked for')
  const end = 5 + framed.readUInt32BE(1)
  if (framed.length < end) throw new Error('its answer is cut off')
  return statusIn(framed.subarray(5, end))
}

const servingStatuses: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

export const serving = 1

export function nameOfStatus(status: number): string {
  return servingStatuses[status] ?? `status ${status}`
}

/** Protobuf leaves out a field that is 0, and lets others be added later: those are skipped. */
function statusIn(message: Buffer): number {
  let status = 0
  for (let at = 0; at < message.length;) {
    const [key, afterKey] = readVarint(message, at)
    const type = key & 7
    if (type === 0) {
      const [value, next] = readVarint(message, afterKey)
      if (key === 0x08) status = value
      at = next
    } else at = skip(message, type, afterKey)
  }
  return status
}

function skip(message: Buffer, type: number, at: number): number {
  if (type === 1) return at + 8
  if (type === 5) return at + 4
  if (type !== 2) throw new Error('its answer is no HealthCheckResponse')
  const [length, start] = readVarint(message, at)
  return start + length
}

function readVarint(message: Buffer, at: number): [value: number, next: number] {
  let value = 0
  for (let i = at, factor = 1; i < message.length && i < at + 10; i++, factor *= 128) {
    const byte = message[i]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return [value, i + 1]
  }
  throw new Error('its answer is no HealthCheckResponse')
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80)
  return Buffer.from([...bytes, value])
}
