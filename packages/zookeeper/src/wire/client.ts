import { fraction, type Clock, type HostPort, type Random, type TlsFiles } from '@rollcall/core/adapter'
import type { Connection } from './connection.js'
import { hasCode, ZooKeeperError } from './errors.js'
import { openConnection, type Credentials } from './handshake.js'
import { Session } from './session.js'
import { SingleFlight } from './single-flight.js'

export interface ClientSettings {
  readonly hosts: readonly HostPort[]
  /** The session timeout asked for; the server grants between 2 and 20 of its ticks. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly tls?: TlsFiles | undefined
  /** `user:password` for the digest scheme. */
  readonly auth?: string | undefined
}

/** Holds one session at an ensemble. Connects when somebody needs it, and never by itself. */
export class Client {
  readonly #settings: ClientSettings
  readonly #hosts: readonly HostPort[]
  readonly #connecting = new SingleFlight((signal) => this.#connect(signal))
  #turn = 0
  #session: Session | undefined
  #isClosed = false

  constructor(settings: ClientSettings) {
    this.#settings = settings
    this.#hosts = shuffle(settings.hosts, settings.random)
  }

  /**
   * The session with a live connection: the one there is, attached again if its connection is gone, or a new one if
   * it was lost. Tries every host once.
   */
  async session(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted()
    if (this.#isClosed) throw closedError()
    return this.#session?.isConnected ? this.#session : this.#connecting.join(signal)
  }

  /** Renews this very session, attaching it again if its connection is gone. Throws SESSION_EXPIRED once it is lost. */
  async renew(session: Session, signal: AbortSignal): Promise<void> {
    session.throwIfLost()
    await this.session(signal)
    session.throwIfLost()
    await session.renew(signal)
  }

  /** What was held by whichever session is held no more. */
  drop(key: string): void {
    this.#session?.drop(key)
  }

  /** Ends the session politely while the signal allows, then drops everything. */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true
    this.#connecting.abort(closedError())
    // A server that does not answer is told nothing: the session then ends with its timeout.
    await this.#session?.end(signal).catch(() => {})
  }

  async #connect(signal: AbortSignal): Promise<Session> {
    const session = this.#session
    if (session && !session.lost.aborted) {
      const connection = await this.#reattach(session, signal)
      if (connection) {
        session.attach(this.#stillWanted(connection, signal))
        return session
      }
    }
    const connection = await this.#dial(undefined, signal)
    return (this.#session = new Session(this.#stillWanted(connection, signal), this.#settings.clock))
  }

  // Given up between its last answer and now: nobody else would ever close it.
  #stillWanted(connection: Connection, signal: AbortSignal): Connection {
    if (signal.aborted) connection.destroy()
    signal.throwIfAborted()
    return connection
  }

  async #reattach(session: Session, signal: AbortSignal): Promise<Connection | undefined> {
    try {
      return await this.#dial(session.credentials, signal)
    } catch (error) {
      if (!hasCode(error, 'SESSION_EXPIRED')) throw error
      session.expire(error)
      return undefined
    }
  }

  /** Every host once, starting behind the one tried last: that one may be what has just failed. */
  async #dial(credentials: Credentials | undefined, signal: AbortSignal): Promise<Connection> {
    const { clock, timeoutMs, tls, auth } = this.#settings
    const limitMs = Math.max(shortestLimitMs, timeoutMs / 3 / this.#hosts.length)
    let worst: unknown
    for (const _ of this.#hosts) {
      const at = this.#hosts[this.#turn++ % this.#hosts.length]!
      try {
        return await openConnection({ at, tls, auth, clock, limitMs, timeoutMs, credentials }, signal)
      } catch (error) {
        if (signal.aborted || hasCode(error, 'SESSION_EXPIRED')) throw error
        // A host that is down says less than one that refuses us.
        if (worst === undefined || !hasCode(error, 'CONNECTION_LOSS')) worst = error
      }
    }
    throw worst
  }
}

// Below this a busy server would be given up before it can answer.
const shortestLimitMs = 1000

function closedError(): ZooKeeperError {
  return new ZooKeeperError('CLOSED', 'the client was closed')
}

/** Fisher and Yates: every order equally likely. */
function shuffle<T>(items: readonly T[], random: Random): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(fraction(random) * (i + 1))
    const swapped = shuffled[i]!
    shuffled[i] = shuffled[j]!
    shuffled[j] = swapped
  }
  return shuffled
}
