import type { ServerKind } from './recipe.js'

/** How to start a test server of any kind. */
export interface ServerOptions {
  /**
   * `process`: a child process. `container`: a Docker container. `auto` (default): what `ROLLCALL_SERVERS`
   * (`processes` or `containers`) says; else a container when a Docker engine answers and has the image, else a
   * process when the server is installed, else a container of an image to be pulled.
   */
  readonly how?: 'auto' | 'process' | 'container'
  /** Such as `3.5.30`. By default `ROLLCALL_<KIND>_VERSION`, else the newest found. */
  readonly version?: string
  /** `true`: the server shows a certificate. `'mutual'`: it wants one from its clients too. Default false. */
  readonly tls?: boolean | 'mutual'
  /** Starts with users or tokens, and refuses strangers. Default false. */
  readonly auth?: boolean
  /** How long it may take to become ready, in ms. Default 30000. */
  readonly startupMs?: number
}

export interface ConsulOptions extends ServerOptions {
  /** Consul's development mode: up in 0.1 s instead of 1.5 s, but a restart forgets all. Default false. */
  readonly dev?: boolean
}

export interface EtcdOptions extends ServerOptions {
  /** Default 100. A heartbeat is a tenth of it. */
  readonly electionTimeoutMs?: number
}

export interface ZookeeperOptions extends ServerOptions {
  /** ZooKeeper's unit of time, in ms. Default 500. */
  readonly tickTimeMs?: number
  /** The shortest session that it grants, in ms. Default two ticks. */
  readonly minSessionTimeoutMs?: number
  /** The longest session that it grants, in ms. Default twenty ticks. */
  readonly maxSessionTimeoutMs?: number
}

/** The options of each kind. */
export interface OptionsByKind {
  readonly consul: ConsulOptions
  readonly etcd: EtcdOptions
  readonly zookeeper: ZookeeperOptions
}

/** The version asked for, by option or by environment. */
export function wantedVersion(kind: ServerKind, options: ServerOptions): string | undefined {
  return options.version ?? (process.env[`ROLLCALL_${kind.toUpperCase()}_VERSION`] || undefined)
}
