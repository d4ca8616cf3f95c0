import type { Instance } from '@rollcall/core'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { checkIdOf, encode } from '../../packages/consul/src/codec.js'
import { forAll, markKey, type RawClient, type Seen } from './raw-client.js'

const hourMs = 3_600_000

/** Consul's HTTP API by `node:http` and kept-alive connections. */
export class RawConsul implements RawClient {
  readonly #port: number
  readonly #calls = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #waits = new Agent({ keepAlive: true })
  #beating: NodeJS.Timeout | undefined

  constructor(port: number) {
    this.#port = port
  }

  async put(instance: Instance): Promise<void> {
    await this.#register(instance, hourMs)
  }

  async watch(service: string, _ids: readonly string[], onChange: (seen: Seen) => void): Promise<void> {
    const ask = (index: string): Promise<Answer> =>
      this.#ask(this.#waits, 'GET', `/v1/health/service/${service}?index=${index}&wait=10s`)
    const first = await ask('0')
    const follow = async ({ index }: Answer): Promise<void> => {
      const answer = await ask(index)
      for (const { Service } of JSON.parse(answer.body) as Entry[]) {
        onChange({ id: Service.ID.slice(service.length + 1), mark: Service.Meta[markKey] })
      }
      return follow(answer)
    }
    // It ends with the sockets that `close` destroys.
    follow(first).catch(() => {})
  }

  async announce(instances: readonly Instance[], ttlMs: number): Promise<void> {
    await forAll(instances, 8, (instance) => this.#register(instance, ttlMs))
    const paths = instances.map((one) => `/v1/agent/check/pass/${encodeURIComponent(checkIdOf(one))}`)
    let next = 0
    this.#beating = setInterval(
      () => void this.#ask(this.#calls, 'PUT', paths[next++ % paths.length]!),
      ttlMs / 3 / instances.length,
    )
  }

  close(): void {
    clearInterval(this.#beating)
    this.#calls.destroy()
    this.#waits.destroy()
  }

  #register(instance: Instance, ttlMs: number): Promise<Answer> {
    const body = JSON.stringify(encode(instance, ttlMs))
    return this.#ask(this.#calls, 'PUT', '/v1/agent/service/register', body)
  }

  #ask(agent: Agent, method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onAnswer = (answer: IncomingMessage): void => {
        const index = String(answer.headers['x-consul-index'])
        const { statusCode = 0 } = answer
        const whole = text(answer).then((body) => {
          if (statusCode >= 400)
            throw new Error(`Consul answers ${method} ${path} with ${statusCode}: ${body}`)
          return { body, index }
        })
        resolve(whole)
      }
      request({ host: '127.0.0.1', port: this.#port, agent, method, path }, onAnswer)
        .once('error', reject)
        .end(body)
    })
  }
}

interface Answer {
  readonly body: string
  readonly index: string
}

interface Entry {
  readonly Service: { readonly ID: string; readonly Meta: Readonly<Record<string, string>> }
}
