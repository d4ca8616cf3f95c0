import { resolve } from 'node:path'
import {
  defineAdapter,
  type Adapter,
  type AdapterDefinition,
  type Capabilities,
  type Lease,
  type Listing,
} from '../contract.js'
import { RollcallError } from '../errors.js'
import type { Instance } from '../instance.js'
import { badOption } from '../options.js'
import { LocalStore } from './local-store.js'
import { defaultFolder } from './private-folder.js'
import type { ServiceFolder } from './service-folder.js'

const capabilities: Capabilities = {
  register: true,
  update: true,
  watchServices: true,
  weights: true,
  metadata: true,
  status: true,
  sharedLease: false,
  minTtlMs: 500,
  maxTtlMs: 86_400_000,
  ttlStepMs: 1,
  goneAfterMs: 0,
  quietMs: 30_000,
}

/** No file system tells that a process has died, so a watch looks itself. */
const askAgainMs = 100

/** `local:`, one user's processes on one machine, through a folder and no server. */
class LocalAdapter implements Adapter {
  readonly name = 'local'
  readonly capabilities: Capabilities = capabilities
  readonly #store: LocalStore
  #closed = false

  constructor(store: LocalStore) {
    this.#store = store
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<Listing> {
    this.#enter(signal)
    await this.#store.check()
    const folder = this.#store.folder(service)
    for (;;) {
      const instances = await folder.list()
      this.#enter(signal)
      yield { instances, skipped: folder.skipped, askAgainMs }
    }
  }

  async *watchServices(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    this.#enter(signal)
    await this.#store.check()
    const folders = new Map<string, ServiceFolder>()
    for (;;) {
      for (const name of await this.#store.services()) {
        if (!folders.has(name)) folders.set(name, this.#store.folder(name))
      }
      const sizes = [...folders].map(async ([name, folder]) => ({ name, size: (await folder.list()).length }))
      const used = (await Promise.all(sizes)).filter(({ size }) => size > 0)
      this.#enter(signal)
      yield used.map(({ name }) => name).toSorted()
    }
  }

  async register(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    this.#enter(signal)
    const grantedMs = Math.min(Math.max(ttlMs, capabilities.minTtlMs), capabilities.maxTtlMs)
    await this.#store.put(instance, grantedMs, signal)
    return { ttlMs: grantedMs, renew: (own) => this.#renew(instance, grantedMs, own) }
  }

  async release(instance: Instance, signal: AbortSignal): Promise<void> {
    this.#enter(signal)
    await this.#store.remove(instance)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #renew(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<void> {
    this.#enter(signal)
    await this.#store.renew(instance, ttlMs)
  }

  #enter(signal: AbortSignal): void {
    signal.throwIfAborted()
    if (this.#closed) throw new RollcallError('CLOSED', 'local: the adapter is closed')
  }
}

/** `local:` is this user's registry on this machine, `local:/folder` or option `dir` another. */
export const local: AdapterDefinition = defineAdapter({
  schemes: ['local'],
  accepts: { path: true },
  defaultHost: '127.0.0.1',
  options: {
    dir: {
      type: 'string',
      about: 'the folder where the processes meet; made when missing, for this user alone',
    },
  },
  open(url, { dir }, { clock, random }) {
    if (dir !== undefined && url.path !== '')
      throw badOption('dir', 'and a path are both given', 'write local:')
    const root = resolve(dir ?? (url.path || defaultFolder(process.env)))
    return new LocalAdapter(new LocalStore(root, clock, random))
  },
})
