import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import type { Instance } from '../instance.js'
import type { TlsFiles } from '../tls.js'

export interface Call {
  readonly authority: string
  readonly path: string
  readonly message: Buffer
}

export interface Answer {
  readonly httpStatus: number
  readonly grpcStatus: string
  readonly body: Buffer
}

/** Files as TLS options take them, and the name that the caller gave the server, if it did. */
export type SessionTls = TlsFiles & { readonly host: string | undefined }

// An answer of this method has a handful of bytes.
const mostBytes = 65_536

/** Opens an HTTP/2 connection, with TLS if there is any. What becomes of it, the calls on it are told. */
export function openSession({ host, port }: Instance, tls: SessionTls | undefined): ClientHttp2Session {
  const { host: named, serverName, ...files } = tls ?? {}
  const net = process.getBuiltinModule('node:net')
  const name = serverName ?? named?.replace(/:\d+$/, '') ?? host
  const socket = tls
    ? process.getBuiltinModule('node:tls').connect({
        ...files,
        host,
        port,
        ALPNProtocols: ['h2'],
        // SNI has no addresses; without it the certificate is held against the host.
        ...(net.isIP(name) === 0 && { servername: name }),
      })
    : net.connect({ host, port })
  // The name is nobody's: sockets are ours, and each call names its authority.
  const { connect } = process.getBuiltinModule('node:http2')
  const session = connect(`${tls ? 'https' : 'http'}://instance`, { createConnection: () => socket })
  return session.on('error', () => {})
}

/** Makes one unary call. Rejects when the connection fails before the answer is whole. */
export function ask(session: ClientHttp2Session, { authority, path, message }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':authority': authority,
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'rollcall',
    })
    const answer = collect(stream)
    // A session that fails cancels its streams, and tells why only as the cause.
    stream.once('error', (error: Error) => reject((error.cause as Error | undefined) ?? error))
    stream.once('close', () => {
      const { httpStatus, grpcStatus, body } = answer()
      if (httpStatus === undefined) reject(new Error('it closed the connection without an answer'))
      else resolve({ httpStatus, grpcStatus: grpcStatus ?? 'none', body })
    })
    stream.end(message)
  })
}

function collect(stream: ClientHttp2Stream): () => Partial<Answer> & { body: Buffer } {
  let headers: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
  let trailers: IncomingHttpHeaders = {}
  const parts: Buffer[] = []
  let bytes = 0
  stream.once('response', (given) => (headers = given))
  stream.once('trailers', (given: IncomingHttpHeaders) => (trailers = given))
  stream.on('data', (part: Buffer) => {
    parts.push(part)
    bytes += part.length
    if (bytes > mostBytes) stream.destroy(new Error('its answer has no end'))
  })
  return () => {
    // One without a message may come without trailers: then the headers say it all.
    const grpcStatus = trailers['grpc-status'] ?? headers['grpc-status']
    return {
      ...(headers[':status'] !== undefined && { httpStatus: headers[':status'] }),
      ...(grpcStatus !== undefined && { grpcStatus: String(grpcStatus) }),
      body: Buffer.concat(parts),
    }
  }
}
