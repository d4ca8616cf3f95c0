import { messageOf, type Clock } from '@rollcall/core/adapter'
import { abortable } from './abortable.js'
import type { Channel } from './channel.js'
import { serverError, ZooKeeperError } from './errors.js'
import type { Grant } from './handshake.js'
import { JuteReader, JuteWriter } from './jute.js'
import { LifeSigns } from './life-signs.js'
import { addWatch, closeSession, removeWatches, type Operation } from './operations.js'
import type { Watch } from './watch.js'
import { Watches } from './watches.js'

const eventXid = -1
const pingXid = -2
const authXid = -4
const pingType = 11
const authType = 100
const lastXid = 0x7fff_ffff

interface Pending {
  readonly about: string
  resolve(input: JuteReader): void
  reject(error: unknown): void
}

/**
 * One connection attached to a session. Requests are pipelined; when the connection ends, whatever is unanswered
 * rejects with CONNECTION_LOSS: it may or may not have been done.
 */
export class Connection {
  readonly grant: Grant
  /** Settles, with why, once nothing can be asked here any more. */
  readonly closed: Promise<unknown>
  readonly #channel: Channel
  readonly #signs: LifeSigns
  readonly #name: string
  readonly #pending = new Map<number, Pending>()
  // All pings share one number; they are answered in the order in which they were sent.
  readonly #pings: Pending[] = []
  readonly #watches = new Watches()
  #authentication: Pending | undefined
  #error: unknown
  #xid = 0
  #zxid = 0n

  /** Takes the channel over after the handshake. */
  constructor(channel: Channel, grant: Grant, clock: Clock, name: string) {
    this.grant = grant
    this.#channel = channel
    this.#name = name
    this.#signs = new LifeSigns(clock, grant.timeoutMs, {
      ping: () => void this.ping().catch(() => {}),
      giveUp: (silentMs) => channel.destroy(this.#silence(silentMs)),
    })
    this.closed = new Promise((resolve) => {
      channel.listen(
        (frame) => this.#receive(frame),
        (error) => {
          this.#end(error)
          resolve(error)
        },
      )
    })
    if (this.isOpen) this.#signs.start()
  }

  get isOpen(): boolean {
    return this.#error === undefined
  }

  /** By our own clock. */
  get heardAt(): number {
    return this.#signs.heardAt
  }

  /** The last transaction that the server spoke of. */
  get zxid(): bigint {
    return this.#zxid
  }

  run<T>(operation: Operation<T>, signal?: AbortSignal): Promise<T> {
    const answer = this.#request<JuteReader>((pending) => {
      this.#xid = this.#xid === lastXid ? 1 : this.#xid + 1
      this.#pending.set(this.#xid, pending)
      const out = new JuteWriter().int(this.#xid).int(operation.type)
      operation.write(out)
      return out
    }, operation.about)
    return abortable(
      answer.then((input) => operation.read(input)),
      signal,
    )
  }

  async ping(signal?: AbortSignal): Promise<void> {
    const answer = this.#request((pending) => {
      this.#pings.push(pending)
      return new JuteWriter().int(pingXid).int(pingType)
    }, 'ping')
    await abortable(answer, signal)
  }

  /** A wrong password is no error to a server: it grants other rights. AUTH_FAILED is for a scheme it lacks. */
  async authenticate(userAndPassword: string): Promise<void> {
    await this.#request((pending) => {
      this.#authentication = pending
      const out = new JuteWriter().int(authXid).int(authType)
      return out.int(0).text('digest').buffer(Buffer.from(userAndPassword, 'utf8'))
    }, 'digest authentication')
  }

  /** Watches a node and all below it until the signal is aborted or the connection ends. */
  async watch(path: string, signal: AbortSignal): Promise<Watch> {
    signal.throwIfAborted()
    const watch = this.#watches.add(path)
    signal.addEventListener('abort', () => this.#unwatch(watch), { once: true })
    await this.run(addWatch(path), signal)
    return watch
  }

  /** Ends the session, and with it its ephemeral nodes; then the connection. */
  async closeSession(signal?: AbortSignal): Promise<void> {
    try {
      await this.run(closeSession, signal)
    } finally {
      this.destroy()
    }
  }

  destroy(): void {
    this.#channel.destroy(new ZooKeeperError('CONNECTION_LOSS', `we closed the connection to ${this.#name}`))
  }

  #request<T>(write: (pending: Pending) => JuteWriter, about: string): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(this.#lossOf(about))
      const request = write({ about, resolve: resolve as Pending['resolve'], reject })
      this.#signs.sent()
      this.#channel.send(request.bytes())
    })
  }

  #receive(frame: Buffer): void {
    const input = new JuteReader(frame)
    const xid = input.int()
    const zxid = input.long()
    const error = input.int()
    if (zxid > this.#zxid) this.#zxid = zxid
    const pending = this.#take(xid)
    this.#signs.heard(this.#pending.size > 0 || this.#pings.length > 0)
    if (xid === eventXid) this.#event(input)
    else if (!pending) throw new RangeError(`an answer to request ${xid}, which nobody made`)
    else if (error !== 0) pending.reject(serverError(error, pending.about))
    else pending.resolve(input)
  }

  #take(xid: number): Pending | undefined {
    if (xid === pingXid) {
      this.#watches.confirm()
      return this.#pings.shift()
    }
    if (xid === authXid) return this.#authentication
    const pending = this.#pending.get(xid)
    this.#pending.delete(xid)
    return pending
  }

  #event(input: JuteReader): void {
    const type = input.int()
    input.int() // the connection's state, which we know best
    if (type > 0) this.#watches.change(input.text())
  }

  #unwatch(watch: Watch): void {
    if (!this.#watches.remove(watch) || !this.isOpen) return
    this.run(removeWatches(watch.path)).catch(() => {})
  }

  #silence(ms: number): ZooKeeperError {
    return new ZooKeeperError('CONNECTION_LOSS', `${this.#name} was silent for ${ms} ms`)
  }

  #lossOf(about: string): ZooKeeperError {
    const why = this.#error instanceof ZooKeeperError ? this.#error.about : messageOf(this.#error)
    return new ZooKeeperError('CONNECTION_LOSS', `${about}: ${why}`, { cause: this.#error })
  }

  #end(error: unknown): void {
    this.#error = error
    this.#signs.stop()
    const unanswered = [...this.#pending.values(), ...this.#pings, this.#authentication]
    this.#pending.clear()
    this.#pings.length = 0
    for (const pending of unanswered) pending?.reject(this.#lossOf(pending.about))
    this.#watches.fail(this.#lossOf('watch'))
  }
}
