import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '@rollcall/testing'
import { describe, expect, it } from 'vitest'
import type { ProbeOptions } from '../../src/health/probe-options.js'
import { decodeStatus, encodeRequest } from '../../src/health/grpc-message.js'
import { checking, listening, refusing, type Loopback } from './loopback.js'

type Handler = (stream: ServerHttp2Stream, headers: Record<string, unknown>, body: Buffer) => void

const framed = (...message: number[]): Buffer => Buffer.from([0, 0, 0, 0, message.length, ...message])
const ok = { ':status': 200, 'content-type': 'application/grpc' }

/** Answers as gRPC servers do: headers, one message, trailers. */
function answer(stream: ServerHttp2Stream, message: Buffer, grpcStatus = '0'): void {
  stream.respond(ok, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }))
  stream.end(message)
}

/** Answers without a message: one block of headers that are trailers as well. */
function refuse(stream: ServerHttp2Stream, grpcStatus: string): void {
  stream.respond({ ...ok, 'grpc-status': grpcStatus }, { endStream: true })
}

function handling(handler: Handler) {
  return (stream: ServerHttp2Stream, headers: Record<string, unknown>): void => {
    const parts: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => handler(stream, headers, Buffer.concat(parts)))
  }
}

function serving(handler: Handler): Promise<Loopback> {
  return listening(createServer().on('stream', handling(handler)))
}

async function asked(handler: Handler, options: ProbeOptions = {}): Promise<unknown> {
  const at = await serving(handler)
  return checking({ check: 'grpc', ...options }, at.instance()).ask()
}

describe('grpc', () => {
  it('asks for the health of the whole server', async () => {
    let seen: { headers: Record<string, unknown>; body: Buffer } | undefined
    const at = await serving((stream, headers, body) => {
      seen = { headers, body }
      answer(stream, framed(8, 1))
    })
    expect(await checking({ check: 'grpc' }, at.instance()).ask()).toBe('passed')
    expect(seen!.headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': `127.0.0.1:${at.port}`,
      ':scheme': 'http',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    expect([...seen!.body]).toEqual([0, 0, 0, 0, 0])
  })

  it('asks for a service, in the name it is given', async () => {
    let seen: { headers: Record<string, unknown>; body: Buffer } | undefined
    const result = await asked(
      (stream, headers, body) => {
        seen = { headers, body }
        answer(stream, framed(8, 1))
      },
      { service: 'shop.Orders', host: 'orders.internal' },
    )
    expect(result).toBe('passed')
    expect(seen!.headers[':authority']).toBe('orders.internal')
    expect([...seen!.body]).toEqual([0, 0, 0, 0, 13, 0x0a, 11, ...Buffer.from('shop.Orders')])
  })

  it.each([
    ['NOT_SERVING', (stream) => answer(stream, framed(8, 2)), 'it answered NOT_SERVING'],
    ['SERVICE_UNKNOWN', (stream) => answer(stream, framed(8, 3)), 'it answered SERVICE_UNKNOWN'],
    ['UNKNOWN, which is no field at all', (stream) => answer(stream, framed()), 'it answered UNKNOWN'],
    ['a status of the future', (stream) => answer(stream, framed(8, 9)), 'it answered status 9'],
    ['NOT_FOUND, with headers alone', (stream) => refuse(stream, '5'), 'it answered with gRPC status 5'],
    ['UNIMPLEMENTED', (stream) => refuse(stream, '12'), 'it does not implement grpc.health.v1.Health'],
    [
      'SERVING and a bad trailer',
      (stream) => answer(stream, framed(8, 1), '13'),
      'it answered with gRPC status 13',
    ],
    [
      'no trailers',
      (stream) => (stream.respond(ok), stream.end(framed(8, 1))),
      'it answered with gRPC status none',
    ],
    ['no message', (stream) => answer(stream, Buffer.alloc(0)), 'its answer holds no message'],
    ['half a message', (stream) => answer(stream, framed(8, 1).subarray(0, 6)), 'its answer is cut off'],
    ['a compressed one', (stream) => answer(stream, Buffer.of(1, 0, 0, 0, 0)), /compressed/],
    ['nonsense', (stream) => answer(stream, framed(0xff, 0xff)), 'its answer is no HealthCheckResponse'],
    [
      'HTTP 404',
      (stream) => stream.respond({ ':status': 404 }, { endStream: true }),
      'it answered with HTTP status 404',
    ],
    ['a reset', (stream) => stream.close(2), /NGHTTP2_INTERNAL_ERROR/],
    ['a cancelled stream', (stream) => stream.close(8), 'it closed the connection without an answer'],
    ['a closed connection', (stream) => stream.session!.destroy(), /./],
    [
      'no end',
      (stream) => (stream.respond(ok), stream.write(Buffer.alloc(100_000))),
      'its answer has no end',
    ],
  ] as [string, Handler, string | RegExp][])('fails for %s', async (_, handler, reason) => {
    expect(await asked(handler)).toEqual(expect.stringMatching(reason))
  })

  it('fails where nobody listens, and where no HTTP/2 is spoken', async () => {
    expect(await checking({ check: 'grpc' }, await refusing(createTcpServer())).ask()).toMatch(/ECONNREFUSED/)
    const mail = await listening(createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
    expect(await checking({ check: 'grpc' }, mail.instance()).ask()).not.toBe('passed')
    const http1 = await listening(createHttpServer((_, response) => response.end()))
    expect(await checking({ check: 'grpc' }, http1.instance()).ask()).not.toBe('passed')
  })

  it('keeps one connection for all its checks', async () => {
    const at = await serving((stream) => answer(stream, framed(8, 1)))
    const check = checking({ check: 'grpc' }, at.instance())
    for (let i = 0; i < 5; i++) expect(await check.ask()).toBe('passed')
    expect(at.accepted).toHaveLength(1)
  })

  it.each([
    ['was closed meanwhile', (stream: ServerHttp2Stream) => stream.session!.destroy()],
    ['went away as we asked', (stream: ServerHttp2Stream) => (stream.session!.goaway(0, 0), stream.close(7))],
  ])('takes a kept connection that %s for no sign of illness', async (_, end) => {
    const seen = new Set<unknown>()
    const at = await serving((stream) => {
      if (seen.has(stream.session)) return end(stream)
      seen.add(stream.session)
      return answer(stream, framed(8, 1))
    })
    const check = checking({ check: 'grpc' }, at.instance())
    for (let i = 0; i < 4; i++) expect(await check.ask()).toBe('passed')
    expect(at.accepted).toHaveLength(4)
  })

  it('opens no new connection when it is aborted on a kept one', async () => {
    let arrived = (): void => {}
    let arrivals = 0
    const arrival = new Promise<void>((resolve) => (arrived = resolve))
    const at = await serving((stream) => (arrivals++ > 0 ? arrived() : answer(stream, framed(8, 1))))
    const target = at.instance()
    const check = checking({ check: 'grpc' }, target)
    expect(await check.ask()).toBe('passed')
    const over = new AbortController()
    const probe = check.run(target, over.signal)
    await arrival
    over.abort()
    await expect(probe).rejects.toThrow()
    expect(await checking({ check: 'tcp' }, target).ask()).toBe('passed')
    expect(at.accepted).toHaveLength(2)
  })

  it('ends its connection when it is aborted, and when it is closed', async () => {
    let arrived = (): void => {}
    let closed: Promise<void> | undefined
    const at = await serving((stream) => {
      closed = new Promise((resolve) => stream.session!.on('close', resolve))
      arrived()
    })
    const target = at.instance()
    const check = checking({ check: 'grpc' }, target)
    for (const end of ['abort', 'close'] as const) {
      const over = new AbortController()
      const arrival = new Promise<void>((resolve) => (arrived = resolve))
      const probe = check.run(target, over.signal)
      await arrival
      if (end === 'abort') over.abort()
      else check.close!()
      await expect(probe).rejects.toThrow()
      await closed
    }
  })

  it('uses TLS, verified, for grpcs and https', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-grpcs-'))
    const files = await makeCertificates(folder)
    const { server, ca, wrongCa } = files
    const [cert, key] = await Promise.all([readFile(server.cert), readFile(server.key)])
    const handler = handling((stream) => answer(stream, framed(8, 1)))
    const at = await listening(createSecureServer({ cert, key }).on('stream', handler))
    for (const scheme of ['grpcs', 'https']) {
      const ask = (options: ProbeOptions) =>
        checking({ check: 'grpc', ...options }, at.instance({ scheme })).ask()
      expect(await ask({ ca })).toBe('passed')
      expect(await ask({ ca, serverName: 'localhost' })).toBe('passed')
      expect(await ask({ ca, host: 'localhost:99' })).toBe('passed')
      expect(await ask({ ca, host: 'orders.internal' })).toMatch(/does not match/)
      expect(await ask({ ca: wrongCa })).toMatch(/self-signed certificate|unable to verify/)
      expect(await ask({})).toMatch(/self-signed certificate|unable to verify/)
    }
    await rm(folder, { recursive: true, force: true })
  }, 30_000)
})

describe('its messages', () => {
  it('hold a long name', () => {
    const name = 'x'.repeat(300)
    const message = encodeRequest(name)
    expect([...message.subarray(0, 8)]).toEqual([0, 0, 0, 1, 47, 0x0a, 0xac, 2])
    expect(message.subarray(8).toString()).toBe(name)
  })

  it('may hold fields that came later', () => {
    const later = [0x12, 2, 9, 9, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x28, 0x96, 1]
    expect(decodeStatus(framed(...later, 8, 1))).toBe(1)
    expect(decodeStatus(framed(8, 2, ...later))).toBe(2)
  })
})
