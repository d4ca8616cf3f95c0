import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { HostPort, TlsFiles } from '@rollcall/core/adapter'
import { ZooKeeperError } from './errors.js'
import { frame, FrameReader } from './frames.js'

/** Frames over one socket. Knows nothing of what they mean. */
export class Channel {
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #name: string
  #error: unknown
  #corked = false
  #onFrame: (frame: Buffer) => void = () => {}
  #onClose: (error: unknown) => void = () => {}

  /** Starts to connect; what is sent before that is done, waits. */
  constructor(at: HostPort, tls: TlsFiles | undefined) {
    this.#name = `${at.host}:${at.port}`
    this.#socket = openSocket(at, tls)
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#socket.on('error', (error) => this.destroy(lossOf(error, this.#name)))
    this.#socket.on('close', () => this.destroy())
  }

  /** Says who is told of frames and, once, of the end. An end that came before is told at once. */
  listen(onFrame: (frame: Buffer) => void, onClose: (error: unknown) => void): void {
    this.#onFrame = onFrame
    this.#onClose = onClose
    if (this.#error !== undefined) onClose(this.#error)
  }

  send(body: Buffer): void {
    if (this.#error !== undefined) return
    // What is asked in one go leaves in one packet.
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(frame(body))
  }

  destroy(
    error: unknown = new ZooKeeperError('CONNECTION_LOSS', `${this.#name} closed the connection`),
  ): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#socket.destroy()
    this.#onClose(error)
  }

  #receive(chunk: Buffer): void {
    try {
      for (const received of this.#frames.push(chunk)) {
        if (this.#error !== undefined) return
        this.#onFrame(received)
      }
    } catch (error) {
      this.destroy(
        new ZooKeeperError('CONNECTION_LOSS', `${this.#name} sent what is not ZooKeeper's`, { cause: error }),
      )
    }
  }
}

function openSocket({ host, port }: HostPort, tls: TlsFiles | undefined): Socket {
  if (!tls) return connectTcp({ host, port })
  const { serverName, ...files } = tls
  return connectTls({ host, port, ...files, ...(serverName !== undefined && { servername: serverName }) })
}

// Node's and OpenSSL's codes for a certificate that one side refused to the other: self-signed, unknown issuer,
// expired, wrong name, missing.
const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_|UNKNOWN_CA|SIGNATURE|HANDSHAKE_FAILURE/

// The same, where the server's alert surfaces as a failed write (EPROTO): RFC 8446, section 6.
const certificateAlert = /SSL alert number (4[0-68]|116)\b/

function lossOf(error: Error & { code?: unknown }, name: string): ZooKeeperError {
  const code = typeof error.code === 'string' ? error.code : ''
  const isRefusal = certificateCode.test(code) || certificateAlert.test(error.message)
  return new ZooKeeperError(
    isRefusal ? 'CERTIFICATE' : 'CONNECTION_LOSS',
    `${name}: ${error.message.trim() || code}`,
    { cause: error },
  )
}
