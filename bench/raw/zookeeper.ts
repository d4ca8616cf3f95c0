import type { Instance } from '@rollcall/core'
import zookeeper from 'node-zookeeper-client'
import { decode, encode } from '../../packages/zookeeper/src/codec.js'
import { forAll, markKey, type RawClient, type Seen } from './raw-client.js'

const base = '/services'
const ephemeral = 1
const persistent = 0

type Callback<T> = (error: Error | null, result: T) => void

/** It ships no types: this is what is used of it. */
interface Client {
  once(event: 'connected', listener: () => void): void
  connect(): void
  close(): void
  mkdirp(path: string, callback: Callback<string>): void
  create(path: string, data: Buffer, mode: number, callback: Callback<string>): void
  setData(path: string, data: Buffer, callback: Callback<unknown>): void
  getData(path: string, watcher: () => void, callback: Callback<Buffer>): void
}

/** `node-zookeeper-client`: one session, a data watch on each node. */
export class RawZooKeeper implements RawClient {
  readonly #port: number
  readonly #known = new Set<string>()
  #client: Promise<Client> | undefined

  constructor(port: number) {
    this.#port = port
  }

  async put(instance: Instance): Promise<void> {
    const path = pathOf(instance)
    const data = encode(instance)
    if (this.#known.has(path)) return this.#do((client, done) => client.setData(path, data, done))
    await this.#make(instance.service)
    await this.#do((client, done) => client.create(path, data, persistent, done))
    this.#known.add(path)
  }

  async watch(service: string, ids: readonly string[], onChange: (seen: Seen) => void): Promise<void> {
    const client = await this.#connected()
    const follow = (id: string, first?: () => void): void => {
      client.getData(
        `${base}/${service}/${id}`,
        () => follow(id),
        (error, data) => {
          if (error) throw error
          if (first) return first()
          onChange({ id, mark: decode(service, id, data).metadata[markKey] })
        },
      )
    }
    await Promise.all(ids.map((id) => new Promise<void>((resolve) => follow(id, resolve))))
  }

  async announce(instances: readonly Instance[], ttlMs: number): Promise<void> {
    await this.#connected(ttlMs)
    await this.#make(instances[0]!.service)
    await forAll(instances, 16, (one) =>
      this.#do((client, done) => client.create(pathOf(one), encode(one), ephemeral, done)),
    )
  }

  close(): void {
    void this.#client?.then((client) => client.close())
  }

  #make(service: string): Promise<void> {
    return this.#do((client, done) => client.mkdirp(`${base}/${service}`, done))
  }

  async #do(work: (client: Client, done: (error: Error | null) => void) => void): Promise<void> {
    const client = await this.#connected()
    await new Promise<void>((resolve, reject) => work(client, (error) => (error ? reject(error) : resolve())))
  }

  #connected(sessionTimeout = 10_000): Promise<Client> {
    this.#client ??= new Promise((resolve) => {
      const options = { sessionTimeout, retries: 0 }
      const client = zookeeper.createClient(`127.0.0.1:${this.#port}`, options) as unknown as Client
      client.once('connected', () => resolve(client))
      client.connect()
    })
    return this.#client
  }
}

const pathOf = ({ service, id }: Instance): string => `${base}/${service}/${id}`
