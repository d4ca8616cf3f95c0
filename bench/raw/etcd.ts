import type { Instance } from '@rollcall/core'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { keyOf, servicePrefix, toValue } from '../../packages/etcd/src/codec.js'
import { forAll, markKey, type RawClient, type Seen } from './raw-client.js'

const base = '/services'

/** What is used of `etcd3`: its calls and its raw streams. */
interface Etcd3Client {
  put(key: string): Put
  readonly watchClient: { watch(): Promise<Duplex<WatchAnswer>> }
  readonly leaseClient: {
    leaseGrant(request: { TTL: number }): Promise<{ ID: string }>
    leaseKeepAlive(): Promise<Duplex<object>>
  }
  close(): void
}
interface Put {
  value(value: string): Put & Promise<unknown>
  lease(id: string): Put & Promise<unknown>
}
interface Duplex<T> {
  write(message: object): void
  on(event: 'data', listener: (answer: T) => void): void
  on(event: 'error', listener: (error: Error) => void): void
}
interface WatchAnswer {
  readonly created?: boolean
  readonly events?: readonly { readonly kv: { readonly key: Buffer; readonly value: Buffer } }[]
}

/** The very `etcd3` that the adapter uses, without the adapter. */
export class RawEtcd implements RawClient {
  readonly #client: Etcd3Client
  #beating: NodeJS.Timeout | undefined

  constructor(port: number) {
    const { Etcd3 } = createRequire(resolve('packages/etcd/package.json'))('etcd3')
    this.#client = new Etcd3({ hosts: `http://localhost:${port}` })
  }

  async put(instance: Instance): Promise<void> {
    await this.#client.put(keyOf(base, instance)).value(toValue(instance))
  }

  async watch(service: string, _ids: readonly string[], onChange: (seen: Seen) => void): Promise<void> {
    const prefix = servicePrefix(base, service)
    const stream = await this.#client.watchClient.watch()
    const end = `${prefix.slice(0, -1)}0`
    const created = new Promise<void>((resolve) => {
      stream.on('data', ({ created, events = [] }) => {
        if (created) resolve()
        for (const { kv } of events) onChange(seenIn(kv, prefix))
      })
    })
    stream.on('error', () => {})
    stream.write({ create_request: { key: Buffer.from(prefix), range_end: Buffer.from(end) } })
    await created
  }

  async announce(instances: readonly Instance[], ttlMs: number): Promise<void> {
    const { leaseClient } = this.#client
    const { ID } = await leaseClient.leaseGrant({ TTL: ttlMs / 1000 })
    await forAll(instances, 16, (one) => this.#client.put(keyOf(base, one)).value(toValue(one)).lease(ID))
    const stream = await leaseClient.leaseKeepAlive()
    stream.on('data', () => {})
    stream.on('error', () => {})
    this.#beating = setInterval(() => stream.write({ ID }), ttlMs / 3)
  }

  close(): void {
    clearInterval(this.#beating)
    this.#client.close()
  }
}

function seenIn({ key, value }: { readonly key: Buffer; readonly value: Buffer }, prefix: string): Seen {
  const { Metadata } = JSON.parse(value.toString()) as { Metadata: { metadata: Record<string, string> } }
  return { id: key.toString().slice(prefix.length), mark: Metadata.metadata[markKey] }
}
