import { Etcd3 } from 'etcd3'

/** Reads and writes etcd as another program would, through nothing of ours. */
export class RawReader {
  readonly #client: Etcd3

  constructor(port: number) {
    this.#client = new Etcd3({ hosts: `http://127.0.0.1:${port}` })
  }

  value(key: string): Promise<unknown> {
    return this.#client.get(key).json()
  }

  keys(prefix: string): Promise<string[]> {
    return this.#client.getAll().prefix(prefix).keys()
  }

  async put(key: string, value: string): Promise<void> {
    await this.#client.put(key).value(value)
  }

  async remove(prefix: string): Promise<void> {
    await this.#client.delete().prefix(prefix)
  }

  /** The lease that a key lies under: `0` without one. */
  async leaseOf(key: string): Promise<string> {
    const { kvs } = await this.#client.kv.range({ key: Buffer.from(key) })
    return kvs[0]?.lease ?? 'no such key'
  }

  /** The ids of all leases. */
  async leases(): Promise<string[]> {
    return (await this.#client.leaseClient.leaseLeases()).leases.map(({ ID }) => ID)
  }

  /** Forgets all history before this moment. */
  async compact(): Promise<void> {
    const { header } = await this.#client.kv.range({ key: Buffer.from('a') })
    await this.#client.kv.compact({ revision: header.revision, physical: true })
  }

  close(): void {
    this.#client.close()
  }
}
