import { systemClock, xorshift32 } from '@rollcall/core/adapter'
import {
  Client,
  create,
  getChildren,
  getData,
  hasCode,
  setData,
  stat,
  type Session,
} from '../../src/wire/index.js'
import { dialled } from './dialled.js'

/** Looks into a server, and writes into it as others would, past the adapter. */
export class Reader {
  readonly client: Client
  readonly session: Session

  static async open(port: number, timeoutMs = 10_000): Promise<Reader> {
    const hosts = [{ host: '127.0.0.1', port }]
    const client = new Client({ hosts, timeoutMs, clock: systemClock, random: xorshift32(1) })
    return new Reader(client, await dialled(() => client.session(AbortSignal.timeout(10_000))))
  }

  private constructor(client: Client, session: Session) {
    this.client = client
    this.session = session
  }

  children(path: string): Promise<string[]> {
    return this.session.run(getChildren(path))
  }

  async text(path: string): Promise<string> {
    return (await this.session.run(getData(path))).data.toString()
  }

  async owner(path: string): Promise<bigint> {
    return (await this.session.run(getData(path))).stat.ephemeralOwner
  }

  /** Waits until the node is there. */
  async appearance(path: string, signal: AbortSignal): Promise<void> {
    const watch = await this.session.watch(path, signal)
    while (!(await this.#has(path))) await watch.next(signal)
  }

  /** Writes a node, persistent if it is new, and what is missing above it. */
  async write(path: string, text: string): Promise<void> {
    const parents = path.split('/').slice(1, -1)
    for (const [i] of parents.entries()) await this.#make(`/${parents.slice(0, i + 1).join('/')}`, '')
    await this.#make(path, text)
    await this.session.run(setData(path, Buffer.from(text), -1))
  }

  close(): Promise<void> {
    return this.client.close(AbortSignal.timeout(2_000))
  }

  async #has(path: string): Promise<boolean> {
    try {
      await this.session.run(stat(path))
      return true
    } catch (error) {
      if (!hasCode(error, 'NO_NODE')) throw error
      return false
    }
  }

  async #make(path: string, text: string): Promise<void> {
    try {
      await this.session.run(create(path, Buffer.from(text), 'persistent'))
    } catch (error) {
      if (!hasCode(error, 'NODE_EXISTS')) throw error
    }
  }
}
