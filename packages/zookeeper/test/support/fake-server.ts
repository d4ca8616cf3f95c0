import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { frame, FrameReader } from '../../src/wire/frames.js'
import { JuteReader, JuteWriter } from '../../src/wire/jute.js'

/** A request as it came in, and how to answer it. */
export interface FakeRequest {
  readonly socket: Socket
  /** 0 for a connect request. */
  readonly xid: number
  readonly type: number
  readonly body: JuteReader
  /** Answers a connect request. */
  grant(fields?: { timeoutMs?: number; sessionId?: bigint }): void
  answer(write?: (out: JuteWriter) => void): void
  refuse(error: number): void
}

export const password = Buffer.from('sixteen bytes...')

/** Speaks ZooKeeper's frames, and answers only what a test tells it to. */
export class FakeServer {
  readonly port: number
  readonly #server: Server
  readonly #sockets: Socket[] = []
  readonly #requests: FakeRequest[] = []
  #wake: () => void = () => {}

  static async listen(): Promise<FakeServer> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FakeServer(server)
  }

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#accept(socket))
  }

  get accepted(): number {
    return this.#sockets.length
  }

  get at(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port }
  }

  /** The next request, come or to come. */
  async next(): Promise<FakeRequest> {
    while (this.#requests.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#requests.shift()!
  }

  /** How many requests wait to be looked at. */
  get waiting(): number {
    return this.#requests.length
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket): void {
    this.#sockets.push(socket)
    const frames = new FrameReader()
    let isFirst = true
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      for (const body of frames.push(chunk)) {
        this.#requests.push(requestOf(socket, body, isFirst))
        isFirst = false
      }
      this.#wake()
    })
  }
}

function requestOf(socket: Socket, frameBody: Buffer, isConnect: boolean): FakeRequest {
  const body = new JuteReader(frameBody)
  const [xid, type] = isConnect ? [0, 0] : [body.int(), body.int()]
  const reply = (error: number, write: (out: JuteWriter) => void = () => {}): void => {
    const out = new JuteWriter().int(xid).long(7n).int(error)
    write(out)
    socket.write(frame(out.bytes()))
  }
  return {
    socket,
    xid,
    type,
    body,
    grant({ timeoutMs = 9_000, sessionId = 0x77n } = {}) {
      const out = new JuteWriter().int(0).int(timeoutMs).long(sessionId).buffer(password).bool(false)
      socket.write(frame(out.bytes()))
    },
    answer: (write) => reply(0, write),
    refuse: (error) => reply(error),
  }
}

/** The fields of a connect request. */
export function readConnect({ body }: FakeRequest): {
  timeoutMs: number
  sessionId: bigint
  password: string
  lastZxid: bigint
} {
  body.int()
  const lastZxid = body.long()
  const timeoutMs = body.int()
  return { lastZxid, timeoutMs, sessionId: body.long(), password: body.buffer().toString() }
}

/** The event that a watched path changed. */
export function sendChange(socket: Socket, path: string): void {
  const changed = 3
  const connected = 3
  const out = new JuteWriter().int(-1).long(-1n).int(0).int(changed).int(connected).text(path)
  socket.write(frame(out.bytes()))
}
