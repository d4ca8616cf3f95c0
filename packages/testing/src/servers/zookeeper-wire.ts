import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsMaterial } from './certificates.js'
import type { ServerAddress } from './recipe.js'

/** One entry of an access control list. `perms` is a sum of read 1, write 2, create 4, delete 8, admin 16. */
export interface Acl {
  readonly perms: number
  readonly scheme: string
  readonly id: string
}

const anybody: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }]
const operations = { create: 1, get: 4, setAcl: 7, close: -11, auth: 100 }
const waitMs = 5_000

/** A bare ZooKeeper session: one request at a time, no pings, no watches. For setting a server up and looking into it. */
export class ZookeeperWire {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #xid = 0

  static async open(address: ServerAddress, tls?: TlsMaterial): Promise<ZookeeperWire> {
    const socket = tls ? connectTls({ ...address, ...tls }) : connect(address)
    await once(socket, tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(waitMs) })
    const wire = new ZookeeperWire(socket)
    // Protocol 0, last zxid seen, session timeout in ms, session id, its password, not read-only.
    await wire.#exchange(
      Buffer.concat([int(0), long(0n), int(10_000), long(0n), bytes(Buffer.alloc(16)), flag(false)]),
    )
    return wire
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    // Without a listener a late reset would end the process; the request in progress sees it through `once`.
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => (this.#received = Buffer.concat([this.#received, chunk])))
  }

  async addDigest(username: string, password: string): Promise<void> {
    const who = bytes(Buffer.from(`${username}:${password}`))
    await this.#request(operations.auth, Buffer.concat([int(0), text('digest'), who]), -4)
  }

  async create(path: string, data = '', acl: readonly Acl[] = anybody): Promise<void> {
    await this.#request(operations.create, Buffer.concat([text(path), text(data), aclList(acl), int(0)]))
  }

  async setAcl(path: string, acl: readonly Acl[]): Promise<void> {
    await this.#request(operations.setAcl, Buffer.concat([text(path), aclList(acl), int(-1)]))
  }

  async get(path: string): Promise<string> {
    const answer = await this.#request(operations.get, Buffer.concat([text(path), flag(false)]))
    return answer.toString('utf8', 4, 4 + Math.max(0, answer.readInt32BE(0)))
  }

  async close(): Promise<void> {
    await this.#request(operations.close, Buffer.alloc(0)).catch(() => undefined)
    this.#socket.destroy()
  }

  async #request(type: number, body: Buffer, xid: number = ++this.#xid): Promise<Buffer> {
    const answer = await this.#exchange(Buffer.concat([int(xid), int(type), body]))
    const failure = answer.readInt32BE(12)
    if (failure !== 0) throw new Error(`ZooKeeper answered ${failure}`)
    return answer.subarray(16)
  }

  async #exchange(frame: Buffer): Promise<Buffer> {
    const signal = AbortSignal.timeout(waitMs)
    this.#socket.write(bytes(frame))
    for (;;) {
      const answer = this.#takeFrame()
      if (answer) return answer
      if (this.#socket.readableEnded) throw new Error('ZooKeeper closed the connection')
      await Promise.race([once(this.#socket, 'data', { signal }), once(this.#socket, 'end', { signal })])
    }
  }

  #takeFrame(): Buffer | undefined {
    if (this.#received.length < 4) return undefined
    const end = 4 + this.#received.readInt32BE(0)
    if (this.#received.length < end) return undefined
    const frame = this.#received.subarray(4, end)
    this.#received = this.#received.subarray(end)
    return frame
  }
}

function int(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

function long(value: bigint): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64BE(value)
  return buffer
}

const flag = (value: boolean): Buffer => Buffer.from([value ? 1 : 0])
const bytes = (value: Buffer): Buffer => Buffer.concat([int(value.length), value])
const text = (value: string): Buffer => bytes(Buffer.from(value))

function aclList(list: readonly Acl[]): Buffer {
  const entries = list.map(({ perms, scheme, id }) => Buffer.concat([int(perms), text(scheme), text(id)]))
  return Buffer.concat([int(list.length), ...entries])
}
