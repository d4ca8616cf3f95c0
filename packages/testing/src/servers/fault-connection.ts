import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { FaultPipe } from './fault-pipe.js'

/** What a connection is told by its proxy, read anew whenever it matters. */
export interface FaultSettings {
  readonly upstream: { readonly host: string; readonly port: number }
  readonly holdsRequests: boolean
  readonly holdsAnswers: boolean
  readonly requestDelayMs: number
  readonly answerDelayMs: number
  bytesToServer: number
  bytesToClient: number
}

/** One client's connection and the one opened to the server for it. */
export class FaultConnection {
  readonly #client: Socket
  readonly #settings: FaultSettings
  readonly #onClosed: () => void
  #server: Socket | undefined
  #pipes: { requests: FaultPipe; answers: FaultPipe } | undefined
  #broken = false

  /** `onClosed` is called once both sockets are gone. */
  constructor(client: Socket, settings: FaultSettings, onClosed: () => void) {
    this.#client = client
    this.#settings = settings
    this.#onClosed = onClosed
    this.#follow(client)
    this.apply()
  }

  /** Takes the proxy's settings over: holds, lets go, or makes up for what could not be done while held. */
  apply(): void {
    const { holdsRequests, holdsAnswers } = this.#settings
    if (this.#broken && !this.#isHeld()) return this.reset()
    if (!holdsRequests) this.#pipes ??= this.#connect()
    if (holdsRequests) this.#pipes?.requests.hold()
    else this.#pipes?.requests.release()
    if (holdsAnswers) this.#pipes?.answers.hold()
    else this.#pipes?.answers.release()
  }

  /** Ends both sides with a reset, and forgets what was on its way. */
  reset(): void {
    this.#pipes?.requests.close()
    this.#pipes?.answers.close()
    for (const socket of [this.#client, this.#server]) {
      if (socket && !socket.destroyed) resetOrDestroy(socket)
    }
  }

  #connect(): { requests: FaultPipe; answers: FaultPipe } {
    const settings = this.#settings
    const client = this.#client
    const server = connect({ ...settings.upstream, allowHalfOpen: true })
    this.#server = server
    this.#follow(server)
    const countRequests = (bytes: number): void => void (settings.bytesToServer += bytes)
    const countAnswers = (bytes: number): void => void (settings.bytesToClient += bytes)
    return {
      requests: new FaultPipe(client, server, () => settings.requestDelayMs, countRequests),
      answers: new FaultPipe(server, client, () => settings.answerDelayMs, countAnswers),
    }
  }

  #follow(socket: Socket): void {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', (failed) => {
      if (failed) this.#break()
      if (this.#client.destroyed && (this.#server?.destroyed ?? true)) this.#onClosed()
    })
  }

  /** One side was reset: so is the other, as late as all else, and not while the network is cut. */
  #break(): void {
    this.#broken = true
    const delayMs = Math.max(this.#settings.requestDelayMs, this.#settings.answerDelayMs)
    setTimeout(() => !this.#isHeld() && this.reset(), delayMs)
  }

  #isHeld(): boolean {
    return this.#settings.holdsRequests || this.#settings.holdsAnswers
  }
}

/** While its last bytes and its FIN are under way libuv refuses to reset a socket, and Node then spins at its exit. */
function resetOrDestroy(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
