import type { Agent, ClientRequest, IncomingMessage, request } from 'node:http'
import type { Instance } from '../instance.js'
import type { TlsFiles } from '../tls.js'
import { hasTls, type Check } from './check.js'

export interface HttpPlan {
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  /** For the Host header; the instance's own host and port if there is none. */
  readonly host: string | undefined
  readonly isExpected: (status: number) => boolean
  readonly tls: TlsFiles
}

// A page, not a download: to end a connection is cheaper than to read more.
const mostBytes = 65_536

/**
 * Passes when the instance answers a request with an expected status; a redirect is an answer like any other and is
 * not followed. The body is read, for the connection's sake, and dropped.
 */
export class HttpCheck implements Check {
  readonly #plan: HttpPlan
  readonly #agent: Agent
  readonly #request: typeof request

  constructor(plan: HttpPlan, instance: Instance) {
    this.#plan = plan
    const isSecure = hasTls(instance)
    const { serverName, ...files } = plan.tls
    const tls = isSecure ? { ...files, ...(serverName !== undefined && { servername: serverName }) } : {}
    const http = process.getBuiltinModule(isSecure ? 'node:https' : 'node:http')
    this.#agent = new http.Agent({ keepAlive: true, ...tls })
    this.#request = http.request
  }

  async run(instance: Instance, signal: AbortSignal): Promise<void> {
    let status = await this.#ask(instance, signal)
    // Every turn uses up one kept connection: the last turn has a new one.
    while (status === undefined) status = await this.#ask(instance, signal)
    if (!this.#plan.isExpected(status)) throw new Error(`it answered with status ${status}`)
  }

  close(): void {
    this.#agent.destroy()
  }

  /**
   * The status of the answer. Undefined when a connection that was kept turns out to be closed: servers end idle ones
   * (Node's after 5 s) as we send, which says nothing about their health.
   */
  #ask(instance: Instance, signal: AbortSignal): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = this.#send(instance, signal)
      request.once('error', (error) => {
        if (request.reusedSocket && !signal.aborted) resolve(undefined)
        else reject(error)
      })
      request.once('response', (response) => {
        readAway(response, () => resolve(response.statusCode), reject)
      })
      request.end()
    })
  }

  #send({ host, port }: Instance, signal: AbortSignal): ClientRequest {
    const { method, path, host: named } = this.#plan
    const headers = { 'user-agent': 'rollcall', ...(named !== undefined && { host: named }) }
    return this.#request({ host, port, method, path, headers, agent: this.#agent, signal })
  }
}

function readAway(response: IncomingMessage, done: () => void, failed: (error: Error) => void): void {
  let bytes = 0
  response.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes <= mostBytes) return
    done()
    response.destroy()
  })
  response.once('end', done).once('error', failed)
}
