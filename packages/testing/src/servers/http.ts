import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { ServerAddress } from './recipe.js'
import type { TlsMaterial } from './certificates.js'

/** One request on an own connection. */
export interface HttpRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown
  /** Speaks TLS when given. */
  readonly tls?: TlsMaterial | undefined
  /** 1 s by default. */
  readonly timeoutMs?: number
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** Asks an HTTP server without pooling, proxies or redirects. Rejects when there is no answer in time. */
export function ask(
  address: ServerAddress | { readonly socketPath: string },
  what: HttpRequest,
): Promise<HttpAnswer> {
  const { body, tls } = what
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const options = {
    ...address,
    ...tls,
    path: what.path,
    method: what.method ?? 'GET',
    agent: false as const,
    signal: AbortSignal.timeout(what.timeoutMs ?? 1_000),
    headers: { ...what.headers, ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }) },
  }
  return new Promise((resolve, reject) => {
    const request = tls ? tlsRequest(options) : plainRequest(options)
    request.on('error', reject)
    request.on('response', (response) => {
      let answer = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (answer += chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: answer }))
    })
    request.end(text)
  })
}
