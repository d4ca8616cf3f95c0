import { RollcallError, isNewer, messageOf } from '@rollcall/core/adapter'
import type { Adapter, Capabilities, Instance, Lease, Listing } from '@rollcall/core/adapter'
import { encode, incarnationOf, readNode } from './codec.js'
import { failureOf } from './failure.js'
import { create, createDeep, followChildren, getData, hasCode, multi, nodeNameOf } from './wire/index.js'
import { remove, setData, stat, type Acl, type Client, type Session } from './wire/index.js'

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
  readonly #client: Client
  readonly #base: string
  readonly #acl: Acl
  #lease: Lease | undefined

  constructor(client: Client, base: string, acl: Acl) {
    this.#client = client
    this.#base = base
    this.#acl = acl
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    const root = `${this.#base}/${service}`
    const following = { root, look: getData, read: readNode.bind(undefined, root, service) }
    try {
      const session = await this.#client.session(signal)
      for await (const { byName, revision } of followChildren(session, following, signal)) {
        const all = [...byName.values()]
        const instances = all.filter((one) => 'id' in one)
        yield { instances, skipped: all.filter((one) => 'reason' in one), revision }
      }
    } catch (error) {
      throw failureOf(error)
    }
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    const following = {
      root: this.#base,
      look: stat,
      // One that may not be looked at is left out, as an empty one is.
      read: (_: string, seen: object) => 'childCount' in seen && seen.childCount !== 0,
    }
    try {
      const session = await this.#client.session(signal)
      for await (const { byName } of followChildren(session, following, signal)) {
        yield [...byName.keys()].filter((name) => byName.get(name)).toSorted()
      }
    } catch (error) {
      throw failureOf(error)
    }
  }

  async register(instance: Instance, _ttlMs: number, signal: AbortSignal): Promise<Lease> {
    const path = this.#pathOf(instance)
    try {
      const session = await this.#client.session(signal)
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
      const session = await this.#client.session(signal)
      const { data, stat } = await session.run(getData(path), signal)
      if (incarnationOf(data) === instance.incarnation) await session.run(remove(path, stat.version), signal)
    } catch (error) {
      if (!hasCode(error, 'NO_NODE')) throw failureOf(error)
    }
    this.#client.drop(path)
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#client.close(signal)
  }

  /** Creates the node, or writes over the one there is, unless a newer incarnation holds it. */
  async #write(session: Session, path: string, instance: Instance, signal: AbortSignal): Promise<void> {
    const data = encode(instance)
    const acl = this.#acl
    try {
      return await createDeep(session, { path, data, kind: 'ephemeral', acl }, signal)
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
    else await session.run(multi([remove(path, version), create(path, data, 'ephemeral', acl)]), signal)
  }

  /** One for each session, which is what keeps all of its nodes. */
  #leaseOf(session: Session): Lease {
    const { timeoutMs: ttlMs, lost } = session
    if (this.#lease?.lost !== lost) this.#lease = { ttlMs, lost, renew: (own) => this.#renew(session, own) }
    return this.#lease
  }

  async #renew(session: Session, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.renew(session, signal)
    } catch (error) {
      throw session.lost.aborted
        ? new RollcallError('LEASE_LOST', messageOf(session.lost.reason))
        : failureOf(error)
    }
  }

  #pathOf({ service, id }: Instance): string {
    return `${this.#base}/${service}/${nodeNameOf(id)}`
  }
}
