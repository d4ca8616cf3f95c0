import type { ClientHttp2Session } from 'node:http2'
import type { Instance } from '../instance.js'
import type { TlsFiles } from '../tls.js'
import { hasTls, type Check } from './check.js'
import { ask, openSession, type Answer } from './grpc-call.js'
import { decodeStatus, encodeRequest, nameOfStatus, serving } from './grpc-message.js'

export interface GrpcPlan {
  /** Asked for by name; empty means the server as a whole. */
  readonly service: string
  /** For `:authority`; the instance's own host and port if there is none. */
  readonly host: string | undefined
  readonly tls: TlsFiles
}

const unimplemented = '12'

/**
 * Passes when the instance answers SERVING to a `Check` of `grpc.health.v1.Health`, over HTTP/2 with or without TLS. One
 * connection is kept for all checks, until it fails.
 */
export class GrpcCheck implements Check {
  readonly #plan: GrpcPlan
  readonly #request: Buffer
  #session: ClientHttp2Session | undefined

  constructor(plan: GrpcPlan) {
    this.#plan = plan
    this.#request = encodeRequest(plan.service)
  }

  async run(instance: Instance, signal: AbortSignal): Promise<void> {
    judge(await this.#answer(instance, signal), this.#plan.service)
  }

  close(): void {
    this.#session?.destroy()
    this.#session = undefined
  }

  async #answer(instance: Instance, signal: AbortSignal): Promise<Answer> {
    const end = (): void => this.close()
    signal.addEventListener('abort', end, { once: true })
    try {
      return (await this.#askAgain(instance, signal)) ?? (await this.#askAnew(instance))
    } catch (error) {
      end()
      throw error
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  /**
   * The answer by the connection that was kept. Undefined without one, and when it turns out to be closed: servers end
   * idle ones as we send, which says nothing about their health.
   */
  async #askAgain(instance: Instance, signal: AbortSignal): Promise<Answer | undefined> {
    const session = this.#session
    if (!session || session.closed || session.destroyed) return undefined
    return this.#ask(session, instance).catch((error: unknown) => {
      if (signal.aborted) throw error
      return undefined
    })
  }

  #askAnew(instance: Instance): Promise<Answer> {
    this.close()
    const { tls, host } = this.#plan
    this.#session = openSession(instance, hasTls(instance) ? { host, ...tls } : undefined)
    return this.#ask(this.#session, instance)
  }

  #ask(session: ClientHttp2Session, { url }: Instance): Promise<Answer> {
    const authority = this.#plan.host ?? url.slice(url.indexOf('//') + 2)
    return ask(session, { authority, path: '/grpc.health.v1.Health/Check', message: this.#request })
  }
}

/** Throws unless the answer says SERVING. */
function judge({ httpStatus, grpcStatus, body }: Answer, service: string): void {
  if (httpStatus !== 200) throw new Error(`it answered with HTTP status ${httpStatus}`)
  if (grpcStatus === unimplemented) throw new Error('it does not implement grpc.health.v1.Health')
  if (grpcStatus !== '0') {
    throw new Error(`it answered with gRPC status ${grpcStatus}${service && ` for ${service}`}`)
  }
  const status = decodeStatus(body)
  if (status !== serving) throw new Error(`it answered ${nameOfStatus(status)}`)
}
