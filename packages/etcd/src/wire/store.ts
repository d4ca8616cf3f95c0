import { RollcallError, type Random } from '@rollcall/core/adapter'
import type { ICompare, IKeyValue, IRequestOp } from 'etcd3'
import type { Cluster } from './cluster.js'
import { after, keysUnder } from './key-range.js'
import { follow, put, type Observer } from './observe.js'

export interface Grant {
  readonly id: string
  readonly ttlSeconds: number
}

export interface Found {
  readonly value: string
  /** That of its last change. */
  readonly revision: string
}

/** Either it was done, or the key was no longer as expected: this is how it was found. */
export type Change = { readonly isDone: true } | { readonly isDone: false; readonly found: Found | undefined }

export type Operation = { readonly put: string; readonly lease: string } | 'delete'

// Of records of 0.5 KiB a page holds a quarter of the 4 MiB that gRPC takes by default.
const pageSize = 2_000

/** etcd's calls as an adapter wants them. Knows keys, leases and revisions, and nothing of services. */
export class Store {
  readonly #cluster: Cluster
  readonly #random: Random

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster
    this.#random = random
  }

  async get(key: string, signal: AbortSignal): Promise<Found | undefined> {
    const request = { key: Buffer.from(key) }
    const { kvs } = await this.#cluster.call(signal, ({ kv }, options) => kv.range(request, options))
    return foundIn(kvs)
  }

  /** Does `operation` if the key was last modified at `revision`; `'0'` is that of a key that does not exist. */
  async change(key: string, revision: string, operation: Operation, signal: AbortSignal): Promise<Change> {
    const target = Buffer.from(key)
    const same: ICompare = { key: target, target: 'Mod', result: 'Equal', mod_revision: revision }
    const request = {
      compare: [same],
      success: [requestOf(target, operation)],
      failure: [{ request_range: { key: target } }],
    }
    const answer = await this.#cluster.call(signal, ({ kv }, options) => kv.txn(request, options))
    if (answer.succeeded) return { isDone: true }
    return { isDone: false, found: foundIn(answer.responses[0]?.response_range.kvs) }
  }

  async grant(ttlSeconds: number, signal: AbortSignal): Promise<Grant> {
    const granted = await this.#cluster.call(signal, ({ leaseClient }, options) =>
      leaseClient.leaseGrant({ ID: leaseId(this.#random), TTL: ttlSeconds }, options),
    )
    return { id: granted.ID, ttlSeconds: Number(granted.TTL) }
  }

  /** Ends the lease and everything under it. */
  async revoke(id: string, signal: AbortSignal): Promise<void> {
    await this.#cluster.call(signal, ({ leaseClient }, options) =>
      leaseClient.leaseRevoke({ ID: id }, options),
    )
  }

  /** One heartbeat, on a stream of its own. Throws LEASE_LOST for a lease that etcd knows no more. */
  async keepAlive(id: string, signal: AbortSignal): Promise<void> {
    const ttl = await this.#cluster.call(signal, async ({ leaseClient }, options) => {
      const stream = await leaseClient.leaseKeepAlive(options)
      return new Promise<number>((resolve, reject) => {
        stream.on('data', (answer: { TTL: string }) => {
          resolve(Number(answer.TTL))
          // Not before: the client takes a failure for the connection's only while the stream may be written to.
          stream.end()
        })
        stream.on('error', reject)
        stream.on('end', () => reject(new Error('etcd ended the heartbeat without an answer')))
        stream.write({ ID: id })
      })
    })
    if (ttl <= 0) throw new RollcallError('LEASE_LOST', 'etcd knows our lease no more.')
  }

  /**
   * Lists all keys under the prefix and follows them from that very revision on; never resumes. Yields the store's
   * revision: for the listing, then whenever the observer was told something or the store confirmed that nothing
   * changed.
   */
  async *observe(
    prefix: string,
    what: { readonly keysOnly: boolean },
    observer: Observer,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const revision = await this.#list(prefix, what.keysOnly, observer, signal)
    yield revision
    yield* this.#cluster.stream(
      signal,
      ({ watchClient }, options) => watchClient.watch(options),
      (stream, over) => follow(stream, { prefix, revision }, observer, over),
    )
  }

  close(): void {
    this.#cluster.close()
  }

  async #list(prefix: string, keysOnly: boolean, observer: Observer, signal: AbortSignal): Promise<string> {
    const { key: start, range_end } = keysUnder(prefix)
    let key = start
    let revision = '0'
    while (true) {
      // Revision 0 is the newest; the pages after the first are read at the first one's.
      const request = { key, range_end, revision, limit: pageSize, keys_only: keysOnly }
      const page = await this.#cluster.call(signal, ({ kv }, options) => kv.range(request, options))
      if (revision === '0') revision = page.header.revision
      for (const kv of page.kvs) put(kv, observer)
      const last = page.kvs.at(-1)
      if (!page.more || !last) return revision
      key = after(last.key)
    }
  }
}

/**
 * An id of our own, of 52 bits; etcd refuses one in use. Its ids have 63, and lose their last digits wherever
 * protobufjs can't load `long` (under `--conditions=import` for one): then every lease would seem lost.
 */
function leaseId(random: Random): number {
  return (random() >>> 0) * 2 ** 20 + (random() >>> 12) + 1
}

function foundIn(kvs: readonly IKeyValue[] | undefined): Found | undefined {
  const kv = kvs?.[0]
  return kv && { value: kv.value.toString('utf8'), revision: kv.mod_revision }
}

function requestOf(key: Buffer, operation: Operation): IRequestOp {
  if (operation === 'delete') return { request_delete_range: { key } }
  return { request_put: { key, value: Buffer.from(operation.put), lease: operation.lease } }
}
