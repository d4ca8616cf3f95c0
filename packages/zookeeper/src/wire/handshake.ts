import type { Clock, HostPort, TlsFiles } from '@rollcall/core/adapter'
import { Channel } from './channel.js'
import { Connection } from './connection.js'
import { ZooKeeperError } from './errors.js'
import { JuteReader, JuteWriter } from './jute.js'

/** What a session is known by, on whichever member it is attached. */
export interface Credentials {
  readonly sessionId: bigint
  readonly password: Buffer
}

/** What the server granted. */
export interface Grant extends Credentials {
  readonly timeoutMs: number
}

export interface ConnectionSettings {
  readonly at: HostPort
  readonly tls?: TlsFiles | undefined
  /** `user:password` for the digest scheme. */
  readonly auth?: string | undefined
  readonly clock: Clock
  /** For everything from the TCP connection to the session. */
  readonly limitMs: number
  /** The session timeout asked for. */
  readonly timeoutMs: number
  /** Of the session to attach to; without them a new one is opened. */
  readonly credentials?: Credentials | undefined
}

/** Connects to one server and attaches to a session. Throws SESSION_EXPIRED when the server knows it no more. */
export async function openConnection(settings: ConnectionSettings, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted()
  const { at, tls, auth, clock, limitMs } = settings
  const name = `${at.host}:${at.port}`
  const channel = new Channel(at, tls)
  const onAbort = (): void => channel.destroy(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const cancelLimit = clock.after(limitMs, () =>
    channel.destroy(
      new ZooKeeperError('CONNECTION_LOSS', `${name} gave no session within ${Math.round(limitMs)} ms`),
    ),
  )
  try {
    const connection = new Connection(channel, await shakeHands(channel, settings, name), clock, name)
    if (auth !== undefined) await connection.authenticate(auth)
    return connection
  } catch (error) {
    channel.destroy(error)
    throw error
  } finally {
    cancelLimit()
    signal.removeEventListener('abort', onAbort)
  }
}

function shakeHands(channel: Channel, settings: ConnectionSettings, name: string): Promise<Grant> {
  return new Promise((resolve, reject) => {
    channel.listen((frame) => {
      const grant = readGrant(new JuteReader(frame))
      if (grant.timeoutMs > 0) resolve(grant)
      else reject(refusal(settings, name))
    }, reject)
    channel.send(connectRequest(settings))
  })
}

function connectRequest({ timeoutMs, credentials }: ConnectionSettings): Buffer {
  return (
    new JuteWriter()
      .int(0) // protocol version
      // The last transaction seen, of which we never speak: a server that was wiped would refuse us for having seen
      // more than it has, and never say that the session is gone. Who must not read the past uses sync.
      .long(0n)
      .int(timeoutMs)
      .long(credentials?.sessionId ?? 0n)
      .buffer(credentials?.password ?? Buffer.alloc(16))
      .bool(false) // a read-only member is of no use
      .bytes()
  )
}

function readGrant(input: JuteReader): Grant {
  input.int() // protocol version
  return { timeoutMs: input.int(), sessionId: input.long(), password: Buffer.from(input.buffer()) }
}

function refusal({ credentials }: ConnectionSettings, name: string): ZooKeeperError {
  return credentials
    ? new ZooKeeperError('SESSION_EXPIRED', `${name} does not know session 0x${hex(credentials.sessionId)}`)
    : new ZooKeeperError('CONNECTION_LOSS', `${name} opened no session`)
}

function hex(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16)
}
