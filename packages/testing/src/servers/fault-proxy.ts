import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { FaultConnection } from './fault-connection.js'
import type { FaultSettings } from './fault-connection.js'

/**
 * What a proxy does with connections. `pass`: carries them. `blackhole`: keeps them open, accepts new ones, and lets
 * nothing through. `reset`: resets them, and each new one as it comes. `refuse`: resets them and does not listen.
 */
export type FaultMode = 'pass' | 'blackhole' | 'reset' | 'refuse'

/** What a blackhole swallows: `requests` on their way to the server, `answers` on their way back, or `both`. */
export type FaultDirection = 'both' | 'requests' | 'answers'

/** A TCP proxy on 127.0.0.1 that can misbehave on demand. It starts in mode `refuse`. */
export class FaultProxy {
  /** The port that clients use; the same for the proxy's whole life. */
  readonly port: number
  readonly #connections = new Set<FaultConnection>()
  readonly #settings: { -readonly [K in keyof FaultSettings]: FaultSettings[K] }
  #mode: FaultMode = 'refuse'
  #listener: Server | undefined
  #accepted = 0

  constructor(port: number, upstream: { readonly host: string; readonly port: number }) {
    this.port = port
    this.#settings = {
      upstream,
      holdsRequests: false,
      holdsAnswers: false,
      requestDelayMs: 0,
      answerDelayMs: 0,
      bytesToServer: 0,
      bytesToClient: 0,
    }
  }

  get mode(): FaultMode {
    return this.#mode
  }

  /** How many connections were ever accepted: unchanged means that no client opened a new socket. */
  get accepted(): number {
    return this.#accepted
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#connections.size
  }

  /** Bytes read from clients so far. */
  get bytesToServer(): number {
    return this.#settings.bytesToServer
  }

  /** Bytes read from the server so far. */
  get bytesToClient(): number {
    return this.#settings.bytesToClient
  }

  /** Listens and carries; what a blackhole held back is delivered now. */
  async pass(): Promise<void> {
    this.#mode = 'pass'
    this.#hold(false, false)
    await this.#listen()
  }

  async blackhole(direction: FaultDirection = 'both'): Promise<void> {
    this.#mode = 'blackhole'
    this.#hold(direction !== 'answers', direction !== 'requests')
    await this.#listen()
  }

  async reset(): Promise<void> {
    this.#mode = 'reset'
    this.#hold(false, false)
    this.dropConnections()
    await this.#listen()
  }

  refuse(): void {
    this.#mode = 'refuse'
    this.#listener?.close()
    this.#listener = undefined
    this.#hold(false, false)
    this.dropConnections()
  }

  /** Resets the connections that are open now, once; new ones are served as the mode says. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Delays what passes by `ms` on each way, or by an own time for each; 0 ends it. */
  latency(ms: number | { readonly requests?: number; readonly answers?: number }): void {
    const each = typeof ms === 'number' ? { requests: ms, answers: ms } : ms
    this.#settings.requestDelayMs = each.requests ?? 0
    this.#settings.answerDelayMs = each.answers ?? 0
  }

  /** The same as `refuse()`: a proxy holds nothing else. */
  close(): void {
    this.refuse()
  }

  #hold(requests: boolean, answers: boolean): void {
    this.#settings.holdsRequests = requests
    this.#settings.holdsAnswers = answers
    for (const connection of this.#connections) connection.apply()
  }

  #listen(): Promise<void> {
    if (this.#listener) return Promise.resolve()
    const listener = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
    this.#listener = listener
    return new Promise((resolve, reject) => {
      listener.once('error', (error) => {
        this.#listener = undefined
        reject(error)
      })
      listener.listen(this.port, '127.0.0.1', () => resolve())
    })
  }

  #accept(socket: Socket): void {
    this.#accepted++
    if (this.#mode === 'reset' || this.#mode === 'refuse') {
      socket.on('error', () => undefined)
      socket.resetAndDestroy()
      return
    }
    const connection = new FaultConnection(socket, this.#settings, () => this.#connections.delete(connection))
    this.#connections.add(connection)
  }
}
