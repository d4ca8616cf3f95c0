import type { Clock } from '@rollcall/core/adapter'
import { abortable } from './abortable.js'
import type { Connection } from './connection.js'
import { hasCode, ZooKeeperError } from './errors.js'
import type { Credentials } from './handshake.js'
import type { Operation } from './operations.js'
import type { Watch } from './watch.js'

// Enough to fill the line, few enough that an abort leaves little behind.
const window = 256

/**
 * A session: what keeps ephemeral nodes alive. It outlives its connection by its timeout, within which another one
 * can be attached; it never connects by itself. Once lost it stays lost.
 */
export class Session {
  readonly credentials: Credentials
  /** What the server granted, in ms. */
  readonly timeoutMs: number
  readonly #clock: Clock
  readonly #lost = new AbortController()
  #connection: Connection
  readonly #held = new Set<string>()
  #renewedAt: number
  #cancelDeadline: () => void = () => {}

  constructor(connection: Connection, clock: Clock) {
    this.credentials = connection.grant
    this.timeoutMs = connection.grant.timeoutMs
    this.#clock = clock
    this.#connection = connection
    this.#renewedAt = clock.now()
    this.attach(connection)
  }

  get id(): bigint {
    return this.credentials.sessionId
  }

  /** Aborted when the session is expired, ended, or was without a connection for its whole timeout. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  get isConnected(): boolean {
    return this.#connection.isOpen && !this.lost.aborted
  }

  /** The last transaction that the server spoke of. */
  get zxid(): bigint {
    return this.#connection.zxid
  }

  throwIfLost(): void {
    this.lost.throwIfAborted()
  }

  attach(connection: Connection): void {
    this.#connection = connection
    void connection.closed.then(() => this.#watchDeadline())
    this.#watchDeadline()
  }

  run<T>(operation: Operation<T>, signal?: AbortSignal): Promise<T> {
    return this.#connection.run(operation, signal)
  }

  /** Runs them pipelined; a refusal stands in the place of its answer. Throws when the connection ends. */
  async runAll<T>(operations: readonly Operation<T>[], signal: AbortSignal): Promise<(T | ZooKeeperError)[]> {
    const answers: (T | ZooKeeperError)[] = []
    for (let i = 0; i < operations.length; i += window) {
      const some = operations.slice(i, i + window).map((operation) => this.run(operation).catch(refusal))
      answers.push(...(await abortable(Promise.all(some), signal)))
    }
    return answers
  }

  /** Watches a node and all below it until the signal is aborted or the connection ends. */
  watch(path: string, signal: AbortSignal): Promise<Watch> {
    return this.#connection.watch(path, signal)
  }

  /**
   * While anything is held the session must be renewed: it ends, ephemeral nodes and all, when `renew` was not answered
   * for the session timeout. Pings of the connection's own keep only sessions alive by which nothing is held.
   */
  hold(key: string): void {
    this.#held.add(key)
    this.#renewedAt = this.#clock.now()
    this.#watchDeadline()
  }

  drop(key: string): void {
    this.#held.delete(key)
    this.#watchDeadline()
  }

  /** A round trip to the server, which keeps the session for another timeout from its start. */
  async renew(signal: AbortSignal): Promise<void> {
    const sentAt = this.#clock.now()
    await this.#connection.ping(signal)
    this.#renewedAt = sentAt
    this.#watchDeadline()
  }

  /** Marks it lost, as the server said so. */
  expire(reason: unknown): void {
    this.#cancelDeadline()
    this.#lost.abort(reason)
    this.#connection.destroy()
  }

  /** Ends it on the server within the signal, and here in any case. */
  async end(signal: AbortSignal): Promise<void> {
    this.#cancelDeadline()
    try {
      if (this.#connection.isOpen) await this.#connection.closeSession(signal)
    } finally {
      this.expire(new ZooKeeperError('SESSION_EXPIRED', 'the session was closed'))
    }
  }

  #watchDeadline(): void {
    this.#cancelDeadline()
    const isHeld = this.#held.size > 0
    if (this.lost.aborted || (this.isConnected && !isHeld)) return
    const since = isHeld ? this.#renewedAt : this.#connection.heardAt
    const left = since + this.timeoutMs - this.#clock.now()
    this.#cancelDeadline = this.#clock.after(Math.max(0, left), () => this.#runOut())
  }

  #runOut(): void {
    this.#lost.abort(
      new ZooKeeperError('SESSION_EXPIRED', `nothing kept the session for ${this.timeoutMs} ms`),
    )
    // Still connected: so that the server need not find out by itself. Its watchdog bounds the wait.
    if (this.#connection.isOpen) this.#connection.closeSession().catch(() => {})
  }
}

function refusal(error: unknown): ZooKeeperError {
  if (error instanceof ZooKeeperError && !hasCode(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED')) return error
  throw error
}
