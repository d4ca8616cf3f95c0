import {
  RollcallError,
  isNewer,
  messageOf,
  type Adapter,
  type Capabilities,
  type Instance,
  type Lease,
  type Listing,
  type SkippedRecord,
} from '@rollcall/core/adapter'
import { decode, encode, incarnationOf, nodeNameOf } from './codec.js'
import { failureOf } from './failure.js'
import { SessionLease } from './session-lease.js'
import {
  create,
  getChildren,
  getData,
  hasCode,
  multi,
  remove,
  setData,
  stat,
  sync,
  ZooKeeperError,
  type Acl,
  type Client,
  type NodeKind,
  type Operation,
  type Session,
} from './wire/index.js'

const noData = Buffer.alloc(0)

export class ZooKeeperAdapter implements Adapter {
  readonly name = 'zookeeper'
  readonly capabilities: Capabilities = {
    register: true,
    update: true,
    watchServices: true,
    weights: true,
    metadata: true,
    status: true,
    sharedLease: true,
    // 2 and 20 of a server's ticks, which last 2 s unless it is told otherwise.
    minTtlMs: 4_000,
    maxTtlMs: 40_000,
    ttlStepMs: 1,
    // Sessions expire in buckets of one tick.
    goneAfterMs: 2_500,
    quietMs: 120_000,
  }
  readonly #client: Client
  readonly #base: string
  readonly #acl: Acl
  #lease: SessionLease | undefined

  constructor(client: Client, base: string, acl: Acl) {
    this.#client = client
    this.#base = base
    this.#acl = acl
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    const root = `${this.#base}/${service}`
    const read = (name: string, answer: { data: Buffer } | ZooKeeperError): Instance | SkippedRecord =>
      readNode(service, name, `${root}/${name}`, answer)
    for await (const { entries, revision } of this.#follow(root, getData, read, signal)) {
      const all = [...entries.values()]
      const instances = all.filter((entry) => 'id' in entry)
      yield { instances, skipped: all.filter((entry) => 'reason' in entry), revision }
    }
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    // One that may not be read is left out, as an empty one is.
    const count = (_: string, answer: { childCount: number } | ZooKeeperError): number =>
      'childCount' in answer ? answer.childCount : 0
    for await (const { entries } of this.#follow(this.#base, stat, count, signal)) {
      yield [...entries]
        .filter(([, children]) => children > 0)
        .map(([name]) => name)
        .toSorted()
    }
  }

  async register(instance: Instance, _ttlMs: number, signal: AbortSignal): Promise<Lease> {
    try {
      const session = await this.#client.session(signal)
      await this.#write(session, instance, signal)
      const lease = this.#leaseOf(session)
      lease.hold(this.#pathOf(instance))
      return lease
    } catch (error) {
      throw failureOf(error)
    }
  }

  async release(instance: Instance, signal: AbortSignal): Promise<void> {
    const path = this.#pathOf(instance)
    try {
      const session = await this.#client.session(signal)
      const { data, stat } = await session.run(getData(path), signal)
      if (incarnationOf(data) === instance.incarnation) await session.run(remove(path, stat.version), signal)
    } catch (error) {
      if (!hasCode(error, 'NO_NODE')) throw failureOf(error)
    }
    this.#lease?.drop(path)
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#client.close(signal)
  }

  /** Creates the node, or writes over the one there is, unless a newer incarnation holds it. */
  async #write(session: Session, instance: Instance, signal: AbortSignal): Promise<void> {
    const path = this.#pathOf(instance)
    const data = encode(instance)
    try {
      return await this.#create(session, path, data, 'ephemeral', signal)
    } catch (error) {
      if (!hasCode(error, 'NODE_EXISTS')) throw error
    }
    const held = await session.run(getData(path), signal)
    if (isNewer(incarnationOf(held.data), instance.incarnation)) {
      throw new RollcallError('REPLACED', `A newer incarnation of ${path} is registered.`)
    }
    const { version, ephemeralOwner } = held.stat
    if (ephemeralOwner === session.id) await session.run(setData(path, data, version), signal)
    // An older session's, which would take the node with it when it ends.
    else await session.run(multi([remove(path, version), create(path, data, 'ephemeral', this.#acl)]), signal)
  }

  /** Creates missing parents too: containers, which the server removes some time after their last child. */
  async #create(
    session: Session,
    path: string,
    data: Buffer,
    kind: NodeKind,
    signal: AbortSignal,
  ): Promise<void> {
    const creation = create(path, data, kind, this.#acl)
    try {
      return await session.run(creation, signal)
    } catch (error) {
      if (!hasCode(error, 'NO_NODE')) throw error
    }
    const parent = path.slice(0, path.lastIndexOf('/'))
    await this.#create(session, parent, noData, 'container', signal).catch((error: unknown) => {
      if (!hasCode(error, 'NODE_EXISTS')) throw error
    })
    await session.run(creation, signal)
  }

  /** Reads every child of a node, then those that change; a missing node has none. */
  async *#follow<A, T>(
    root: string,
    operation: (path: string) => Operation<A>,
    read: (name: string, answer: A | ZooKeeperError) => T,
    signal: AbortSignal,
  ): AsyncGenerator<{ entries: ReadonlyMap<string, T>; revision: string }> {
    try {
      const session = await this.#client.session(signal)
      const watch = await session.watch(root, signal)
      // The member that we came to may lag behind the one that we came from.
      await session.run(sync(root), signal)
      const entries = new Map<string, T>()
      let names = await session.run(getChildren(root), signal).catch(noneIfMissing)
      for (;;) {
        const answers = await session.runAll(
          names.map((name) => operation(`${root}/${name}`)),
          signal,
        )
        for (const [i, name] of names.entries()) {
          const answer = answers[i]!
          if (hasCode(answer, 'NO_NODE')) entries.delete(name)
          else entries.set(name, read(name, answer))
        }
        yield { entries, revision: `0x${session.zxid.toString(16)}` }
        const changed = [...(await watch.next(signal))].map(
          (path) => path.slice(root.length + 1).split('/')[0]!,
        )
        names = [...new Set(changed)].filter((name) => name !== '')
      }
    } catch (error) {
      throw failureOf(error)
    }
  }

  #leaseOf(session: Session): SessionLease {
    if (this.#lease?.session !== session) this.#lease = new SessionLease(this.#client, session)
    return this.#lease
  }

  #pathOf({ service, id }: Instance): string {
    return `${this.#base}/${service}/${nodeNameOf(id)}`
  }
}

function readNode(
  service: string,
  name: string,
  key: string,
  answer: { data: Buffer } | ZooKeeperError,
): Instance | SkippedRecord {
  try {
    if (answer instanceof ZooKeeperError) throw answer
    return decode(service, name, answer.data)
  } catch (error) {
    return { key, reason: messageOf(error) }
  }
}

function noneIfMissing(error: unknown): string[] {
  if (hasCode(error, 'NO_NODE')) return []
  throw error
}
