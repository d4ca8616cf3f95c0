import type { TlsFiles } from './certificates.js'
import type { Cleanup } from './cleanup.js'
import type { ServerCredentials } from './credentials.js'
import type { FaultDirection, FaultProxy } from './fault-proxy.js'
import type { Recipe, ServerKind } from './recipe.js'
import type { Runner } from './runner.js'
import { ServerError } from './server-error.js'
import type { Source } from './source.js'
import { Startup } from './startup.js'

/** Moments of one start, as `performance.now()` in ms. */
export interface Started {
  /** The server's port gave its first answer, if only "not yet"; from then on the proxy lets clients in. */
  readonly portAnsweredAt: number
  /** The server was fit for work. */
  readonly readyAt: number
}

type State = 'running' | 'frozen' | 'killed' | 'stopped'

/** What a server is put together from. */
export interface ServerParts {
  readonly recipe: Recipe
  readonly source: Source
  readonly runner: Runner
  readonly proxy: FaultProxy
  readonly files: TlsFiles | undefined
  readonly startupMs: number
  /** Removes all of these. */
  readonly cleanup: Cleanup
}

/** A real server behind a proxy of ours, to be killed, frozen, cut off and restarted by tests. */
export class TestServer {
  readonly #parts: ServerParts
  #state: State = 'killed'
  #started: Started = { portAnsweredAt: Number.NaN, readyAt: Number.NaN }

  /** @internal Use `startServer`. */
  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  get kind(): ServerKind {
    return this.#parts.recipe.kind
  }

  get how(): 'process' | 'container' {
    return this.#parts.runner.how
  }

  get version(): string {
    return this.#parts.source.version
  }

  /** What it is, for a test run to print: `etcd 3.5.30 (process)`, `etcd 3.5.21 (container quay.io/coreos/etcd:v3.5.21)`. */
  get description(): string {
    const { source } = this.#parts
    const from = source.how === 'container' ? `container ${source.image}` : source.how
    return `${this.kind} ${this.version} (${from})`
  }

  /** Where clients go, through the proxy; the same for the server's whole life. */
  get url(): string {
    return `${this.kind}${this.tls ? '+tls' : ''}://127.0.0.1:${this.port}`
  }

  /** The proxy's port. */
  get port(): number {
    return this.#parts.proxy.port
  }

  /** Where the server itself listens: 127.0.0.1, unless a Docker engine publishes its ports at another address. */
  get directHost(): string {
    return this.#parts.runner.address.host
  }

  /** The server's own port at `directHost`, which `cutOff` and the other faults of the proxy do not touch. */
  get directPort(): number {
    return this.#parts.runner.address.port
  }

  /** The certificates that were made for it, when started with `tls`. */
  get tls(): TlsFiles | undefined {
    return this.#parts.files
  }

  /** The identities that it knows, when started with `auth`. */
  get credentials(): ServerCredentials | undefined {
    return this.#parts.recipe.credentials
  }

  /** The proxy in front of it: counts of connections and bytes, and finer faults. */
  get proxy(): FaultProxy {
    return this.#parts.proxy
  }

  /** When the last start answered and was ready. */
  get started(): Started {
    return this.#started
  }

  /** The last lines of the server's own output. */
  output(): Promise<string> {
    return this.#parts.runner.output()
  }

  /** Ends it as SIGKILL does. Resolves when it is gone; its port then refuses connections. */
  async kill(): Promise<void> {
    this.#mustBe('running', 'frozen')
    await this.#parts.runner.kill()
    this.#parts.proxy.refuse()
    this.#state = 'killed'
  }

  /**
   * Starts it again on the same port, with its data or without; kills it first if need be. Ends all faults except
   * latency. Resolves when it is ready.
   */
  async restart(options: { readonly data: 'keep' | 'wipe' }): Promise<Started> {
    this.#mustBe('running', 'frozen', 'killed')
    if (this.#state !== 'killed') await this.kill()
    await this.#start(options.data)
    return this.#started
  }

  /** Stops it from running, as SIGSTOP does: connections stay open, new ones are made, nothing answers. */
  async freeze(): Promise<void> {
    this.#mustBe('running')
    await this.#parts.runner.freeze()
    this.#state = 'frozen'
  }

  async thaw(): Promise<void> {
    this.#mustBe('frozen')
    await this.#parts.runner.thaw()
    this.#state = 'running'
  }

  /**
   * Cuts the network between clients and server: connections stay open, new ones are accepted, and nothing passes,
   * or nothing in one direction. The server itself runs on, and `directPort` reaches it.
   */
  async cutOff(direction: FaultDirection = 'both'): Promise<void> {
    this.#mustBe('running', 'frozen')
    await this.#parts.proxy.blackhole(direction)
  }

  /** Resets all connections, and each new one, until `restore()`. For once only: `proxy.dropConnections()`. */
  async reset(): Promise<void> {
    this.#mustBe('running', 'frozen')
    await this.#parts.proxy.reset()
  }

  /** Refuses connections, as if the server were killed, while it runs on. */
  refuse(): void {
    this.#mustBe('running', 'frozen')
    this.#parts.proxy.refuse()
  }

  /** Ends what `cutOff`, `reset`, `refuse` and `latency` began. A frozen server stays frozen. */
  async restore(): Promise<void> {
    this.#mustBe('running', 'frozen')
    this.#parts.proxy.latency(0)
    await this.#parts.proxy.pass()
  }

  /** Delays everything by `ms` on each way, or by an own time for each. */
  latency(ms: number | { readonly requests?: number; readonly answers?: number }): void {
    this.#parts.proxy.latency(ms)
  }

  /** Ends and removes all: server, proxy, files. Does nothing the second time. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    await this.#parts.cleanup.run()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #start(data: 'keep' | 'wipe'): Promise<void> {
    const { runner, recipe, proxy, startupMs } = this.#parts
    const startup = new Startup(this.description, recipe, runner, startupMs)
    if (data === 'wipe') await runner.wipe()
    this.#state = 'running'
    await startup.launch()
    const portAnsweredAt = await startup.reach('answering')
    // With users or tokens to be made, clients wait outside until these exist.
    const isOpen = data === 'keep' || !recipe.credentials
    if (isOpen) await proxy.pass()
    await startup.reach('ready')
    if (!isOpen) await recipe.prepare(runner.address).then(() => proxy.pass())
    this.#started = { portAnsweredAt, readyAt: performance.now() }
  }

  #mustBe(...allowed: State[]): void {
    if (allowed.includes(this.#state)) return
    throw new ServerError(
      'SERVER_STATE',
      `${this.description} is ${this.#state}, not ${allowed.join(' or ')}`,
    )
  }
}
