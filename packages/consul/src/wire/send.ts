import { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Writable } from 'node:stream'
import type { Connection, Middleware } from './connection.js'
import { brokenOff, noAnswer, refused } from './failure.js'

export interface WireRequest {
  readonly method: 'GET' | 'PUT'
  /** Below `/v1`, its parts percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly timeoutMs: number
  /** Consul may answer late: the request goes another way than the short ones. */
  readonly waits?: boolean
}

/** A complete answer, whatever its status. */
export interface WireAnswer {
  readonly request: WireRequest
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

// The defaults of a user's client that say where and how to read; any other is not ours to pass on.
const passedOn = ['dc', 'partition', 'stale', 'consistent']

/**
 * Sends one request and waits for its whole answer, at most `timeoutMs`. Throws MISCONFIGURED when Consul refuses
 * the token, or TLS fails by its certificates; UNAVAILABLE when there is no answer or only half of one. What a
 * request without an answer has done is unknown.
 */
export async function send(
  connection: Connection,
  request: WireRequest,
  signal: AbortSignal,
): Promise<WireAnswer> {
  signal.throwIfAborted()
  const ctx = new EventEmitter()
  const cancel = (): boolean => ctx.emit('cancel')
  const body = new Body(cancel)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const response = await connection.client._request(
      { ...toClientRequest(connection, request), ctx, pipe: body },
      whole,
    )
    const text = conceal(body.text(), connection.token)
    const answer = { request, status: response.statusCode ?? 0, headers: response.headers, text }
    throwIfRefused(answer)
    return answer
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw body.isBroken ? brokenOff(request) : noAnswer(request, error)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

function toClientRequest(
  { client, agents, token }: Connection,
  { method, path, query, body, timeoutMs, waits }: WireRequest,
) {
  const agent = waits ? agents?.waits : agents?.calls
  const defaults = passedOn.filter((name) => client._defaults?.[name])
  return {
    name: `${method} ${path}`,
    method,
    path,
    headers: token === undefined ? {} : { 'x-consul-token': token },
    query: {
      ...Object.fromEntries(defaults.map((name) => [name, String(client._defaults?.[name])])),
      ...query,
    },
    timeout: timeoutMs,
    ...(body !== undefined && { body }),
    ...(agent && { agent }),
  }
}

/** The last step of a request: any complete answer is one, whatever its status. */
const whole: Middleware = ({ err, res }, next) => {
  if (res?.complete) next(false, res)
  else next(err ?? new Error('no answer'))
}

/** Collects a body, and ends the request when it breaks off: the client would wait for its timeout. */
class Body extends Writable {
  isBroken = false
  readonly #chunks: Buffer[] = []

  constructor(cancel: () => void) {
    super()
    this.once('pipe', (response: IncomingMessage) => {
      response.once('close', () => {
        if (response.complete) return
        this.isBroken = true
        cancel()
      })
    })
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk)
    done()
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString()
  }
}

function throwIfRefused(answer: WireAnswer): void {
  const { status, text } = answer
  if (status < 300) return
  // A server that forwards to another reports the other's refusal as its own failure.
  const byToken = status === 401 || status === 403 || /ACL not found|Permission denied/i.test(text)
  if (byToken || /HTTP request to an HTTPS server/i.test(text)) throw refused(answer)
}

/** A proxy may quote a request's headers in its error. */
function conceal(text: string, token: string | undefined): string {
  return token ? text.replaceAll(token, '***') : text
}
