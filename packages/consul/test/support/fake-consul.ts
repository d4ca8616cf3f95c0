import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Reply = (request: IncomingMessage, response: ServerResponse) => void

/** An HTTP server that answers as it is told, one reply after the other; the last one for ever. */
export interface FakeConsul {
  readonly url: string
  readonly port: number
  /** `METHOD path?query` of each request so far. */
  readonly requests: string[]
  readonly headers: IncomingMessage['headers'][]
  close(): Promise<void>
}

export async function fakeConsul(...replies: Reply[]): Promise<FakeConsul> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    const reply = replies[Math.min(requests.length, replies.length - 1)]!
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    request.resume()
    reply(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `consul://127.0.0.1:${port}`, port, requests, headers, close }
}

/** A plain answer; JSON, if the body is no string. */
export function says(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

/** A service's list at an index. */
export function lists(index: number | string, entries: unknown[] = []): Reply {
  return says(200, entries, { 'x-consul-index': String(index) })
}

/** Promises more of a body than it sends, and cuts the connection. */
export const breaksOff: Reply = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000', 'x-consul-index': '1' })
  response.write('[{"Node":', () => response.socket?.resetAndDestroy())
}

export const neverAnswers: Reply = () => {}
