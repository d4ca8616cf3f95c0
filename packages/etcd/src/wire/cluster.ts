import { RollcallError, fraction, isRollcallError, type Random } from '@rollcall/core/adapter'
import { untilAborted, type CallOptions } from './call.js'
import { explain } from './failure.js'
import type { Client, Member } from './member.js'

type Make<T> = (client: Client, options: CallOptions) => Promise<T>

/** Makes calls on one member until it fails, then on the next: the repeating is the caller's. */
export class Cluster {
  readonly #members: readonly Member[]
  readonly #timeoutMs: number
  readonly #open = new Set<AbortController>()
  #at: number
  #isClosed = false

  constructor(members: readonly Member[], random: Random) {
    this.#members = members
    this.#at = Math.floor(fraction(random) * members.length)
    // Below core's 5 s: it is the deadline that makes the client drop a dead connection. With others to try, earlier.
    this.#timeoutMs = members.length > 1 ? 2_000 : 4_000
  }

  /** One request, one answer, within a deadline. */
  async call<T>(signal: AbortSignal, make: Make<T>): Promise<T> {
    const { at, member, either, end } = this.#begin(signal)
    try {
      return await untilAborted(either, member.call(make, { signal: either, timeoutMs: this.#timeoutMs }))
    } catch (error) {
      // An abort says nothing for sure, but the member has kept us waiting.
      const failed = this.#failed(at, error)
      throw either.aborted ? error : failed
    } finally {
      end()
    }
  }

  /** A stream that lasts until it fails, is aborted, or nobody reads it any more. */
  async *stream<S, T>(
    signal: AbortSignal,
    open: Make<S>,
    read: (stream: S, signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    const { at, member, either, end } = this.#begin(signal)
    try {
      yield* read(await untilAborted(either, member.call(open, { signal: either })), either)
    } catch (error) {
      throw either.aborted ? error : this.#failed(at, error)
    } finally {
      end()
    }
  }

  /** Ends every call and stream, and closes the clients that are ours. */
  close(): void {
    this.#isClosed = true
    for (const own of this.#open) own.abort(closed())
    for (const member of this.#members) member.close()
  }

  #begin(signal: AbortSignal): { at: number; member: Member; either: AbortSignal; end: () => void } {
    signal.throwIfAborted()
    if (this.#isClosed) throw closed()
    // One per call: a signal that lives as long as the adapter would remember every call made from it.
    const own = new AbortController()
    this.#open.add(own)
    const end = (): void => {
      this.#open.delete(own)
      own.abort()
    }
    const at = this.#at
    return { at, member: this.#members[at]!, either: AbortSignal.any([signal, own.signal]), end }
  }

  #failed(at: number, error: unknown): unknown {
    const explained = explain(error, this.#members[at]!.host)
    // Others may have failed on the same member and moved on before us.
    if (!isRollcallError(explained) && this.#at === at) this.#at = (at + 1) % this.#members.length
    return explained
  }
}

function closed(): RollcallError {
  return new RollcallError('CLOSED', 'The etcd adapter is closed.')
}
