import { RollcallError, isNewer, messageOf } from '@rollcall/core/adapter'
import type { Adapter, Capabilities, Instance, Lease, Listing } from '@rollcall/core/adapter'
import { encode, incarnationOf, readNode } from './codec.js'
import { claim, failureOf, followChildren, getData, hasCode, nodeNameOf, remove, stat } from './wire/index.js'
import type { Children, Following, OpenedClient, Session } from './wire/index.js'

const capabilities: Capabilities = {
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

export class ZooKeeperAdapter implements Adapter {
  readonly name = 'zookeeper'
  readonly capabilities: Capabilities = capabilities
  readonly #opened: OpenedClient
  #lease: Lease | undefined

  constructor(opened: OpenedClient) {
    this.#opened = opened
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    const root = `${this.#opened.base}/${service}`
    const following = { root, look: getData, read: readNode.bind(undefined, root, service) }
    for await (const { byName, revision } of this.#follow(following, signal)) {
      const all = [...byName.values()]
      const instances = all.filter((one) => 'id' in one)
      yield { instances, skipped: all.filter((one) => 'reason' in one), revision }
    }
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    // One that may not be looked at is left out, as an empty one is.
    const read = (_: string, seen: object): boolean => 'childCount' in seen && seen.childCount !== 0
    const following = { root: this.#opened.base, look: stat, read }
    for await (const { byName } of this.#follow(following, signal)) {
      yield [...byName.keys()].filter((name) => byName.get(name)).toSorted()
    }
  }

  async register(instance: Instance, _ttlMs: number, signal: AbortSignal): Promise<Lease> {
    const path = this.#pathOf(instance)
    try {
      const session = await this.#opened.client.session(signal)
      await this.#write(session, path, instance, signal)
      session.hold(path)
      return this.#leaseOf(session)
    } catch (error) {
      throw failureOf(error)
    }
  }

  async release(instance: Instance, signal: AbortSignal): Promise<void> {
    const path = this.#pathOf(instance)
    try {
      const session = await this.#opened.client.session(signal)
      const { data, stat } = await session.run(getData(path), signal)
      if (incarnationOf(data) === instance.incarnation) await session.run(remove(path, stat.version), signal)
      // A newer incarnation of this very process: it is what the session is held for.
      else if (stat.ephemeralOwner === session.id) return
    } catch (error) {
      if (!hasCode(error, 'NO_NODE')) throw failureOf(error)
    }
    this.#opened.client.drop(path)
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#opened.client.close(signal)
  }

  async *#follow<A, T>(following: Following<A, T>, signal: AbortSignal): AsyncGenerator<Children<T>> {
    try {
      yield* followChildren(await this.#opened.client.session(signal), following, signal)
    } catch (error) {
      throw failureOf(error)
    }
  }

  /** Creates the node, or writes over the one there is, unless a newer incarnation holds it. */
  async #write(session: Session, path: string, instance: Instance, signal: AbortSignal): Promise<void> {
    const creation = { path, data: encode(instance), kind: 'ephemeral', acl: this.#opened.acl } as const
    const check = (theirs: Buffer): void => {
      if (isNewer(incarnationOf(theirs), instance.incarnation)) {
        throw new RollcallError('REPLACED', `A newer incarnation of ${path} is registered.`)
      }
    }
    await claim(session, creation, check, signal)
  }

  /** One for each session, which is what keeps all of its nodes. */
  #leaseOf(session: Session): Lease {
    const { timeoutMs: ttlMs, lost } = session
    if (this.#lease?.lost !== lost) this.#lease = { ttlMs, lost, renew: (own) => this.#renew(session, own) }
    return this.#lease
  }

  async #renew(session: Session, signal: AbortSignal): Promise<void> {
    try {
      await this.#opened.client.renew(session, signal)
    } catch (error) {
      if (!session.lost.aborted) throw failureOf(error)
      throw new RollcallError('LEASE_LOST', messageOf(session.lost.reason))
    }
  }

  #pathOf({ service, id }: Instance): string {
    return `${this.#opened.base}/${service}/${nodeNameOf(id)}`
  }
}
