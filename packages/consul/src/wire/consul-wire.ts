import { Gate, RollcallError } from '@rollcall/core/adapter'
import { expectOk, indexOf, nextIndex } from './answer.js'
import type { Connection } from './connection.js'
import { send, type WireAnswer, type WireRequest } from './send.js'

/** How to follow what a path answers. */
export interface Following {
  /** How long Consul holds back an answer while nothing changes, in ms. */
  readonly waitMs: number
  readonly query: Readonly<Record<string, string>>
}

export interface Followed {
  readonly answer: WireAnswer
  /** Consul's mark for the state that was read. */
  readonly revision: string
  /** Set when Consul would not wait with the next answer: when to ask for it. */
  readonly askAgainMs?: number
}

type Call = Omit<WireRequest, 'timeoutMs'> & { readonly timeoutMs?: number }

const callMs = 5_000
const pollMs = 2_000

/** Consul's HTTP API, each request made once. */
export class ConsulWire {
  readonly waitMs: number
  readonly #connection: Connection
  readonly #query: Readonly<Record<string, string>>
  readonly #calls: Gate
  readonly #readings: Gate
  #waiting = 0
  #closed = false

  constructor(connection: Connection, { waitMs, query }: Following) {
    this.#connection = connection
    this.#calls = new Gate(connection.mostCalling)
    this.#readings = new Gate(Math.max(1, Math.floor(connection.mostCalling / 2)))
    this.waitMs = waitMs
    this.#query = query
  }

  /** The time limit of a short call begins with its turn: how long it queues is up to the signal. */
  async call(request: Call, signal: AbortSignal): Promise<WireAnswer> {
    const run = async (): Promise<WireAnswer> => {
      if (this.#closed) throw new RollcallError('CLOSED', 'The connection to Consul has been closed.')
      return send(this.#connection, { timeoutMs: callMs, ...request }, signal)
    }
    return request.waits ? run() : this.#calls.pass(run, signal)
  }

  /**
   * Reads a path at once, then again whenever it has changed or `waitMs` have passed. Each waiting request holds
   * a connection; what is beyond their limit reads without waiting and says when to ask again. With `alwaysWaits`
   * it waits all the same: for a caller who can't be told when to ask again.
   */
  async *follow(path: string, signal: AbortSignal, alwaysWaits = false): AsyncGenerator<Followed> {
    const { waitMs } = this
    const query = this.#query
    const mayWait = this.#takeWait(signal) || alwaysWaits
    // Consul adds up to a sixteenth to the wait.
    const late = { waits: true, timeoutMs: waitMs * (17 / 16) + callMs }
    let index = 0
    for (;;) {
      const request = {
        method: 'GET' as const,
        path,
        query: index > 0 ? { ...query, index: String(index), wait: `${waitMs}ms` } : query,
        ...(index > 0 && late),
      }
      const answer = expectOk(await this.#read(request, signal))
      const now = indexOf(answer)
      index = mayWait ? nextIndex(index, now) : 0
      yield { answer, revision: String(now), ...(!mayWait && { askAgainMs: pollMs }) }
    }
  }

  /**
   * However many watches read without waiting, and however slowly they are answered: half of the calls are left to
   * heartbeats and writes.
   */
  #read(request: Call, signal: AbortSignal): Promise<WireAnswer> {
    const ask = (): Promise<WireAnswer> => this.call(request, signal)
    return request.waits ? ask() : this.#readings.pass(ask, signal)
  }

  /** Breaks off what is under way. The agents of a client that was handed in stay as they are. */
  close(): void {
    this.#closed = true
    this.#connection.agents?.calls.destroy()
    this.#connection.agents?.waits.destroy()
  }

  /** Whether one more may keep a connection for itself; given back when the signal is aborted. */
  #takeWait(signal: AbortSignal): boolean {
    signal.throwIfAborted()
    if (this.#waiting >= this.#connection.mostWaiting) return false
    this.#waiting++
    signal.addEventListener('abort', () => this.#waiting--, { once: true })
    return true
  }
}
