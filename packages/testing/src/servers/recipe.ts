import type { Installed } from './binaries.js'
import type { ServerCredentials } from './credentials.js'
import type { TlsMaterial } from './certificates.js'

export type ServerKind = 'consul' | 'etcd' | 'zookeeper'

/** How far a server has come: no answer at all, an answer that says "not yet", or fit for work. */
export type Readiness = 'silent' | 'answering' | 'ready'

/** Where a server itself is reached, not its proxy. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** What a server is told of the place where it is to run. All paths are those that it sees itself. */
export interface Place {
  /** The address to listen on. */
  readonly host: string
  /** As many as the recipe's `ports`, in the same order. */
  readonly ports: readonly number[]
  /** The proxy's port, for a server that tells clients where to find it. */
  readonly publicPort: number
  /** Survives a restart that keeps the data, and is empty after a wipe. */
  readonly dataDir: string
  readonly configDir: string
  /** The server's own certificate, when it is to speak TLS. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string; readonly both: string }
}

/** How to start a server: configuration files by path, and a command line. */
export interface Launch {
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly args: readonly string[]
}

/** A launch in a container; without `entrypoint` the image's own is used. */
export interface ContainerLaunch extends Launch {
  readonly entrypoint?: readonly string[]
}

/** Everything about one kind of server except where it runs. */
export interface Recipe {
  readonly kind: ServerKind
  /** The usual ports. The first is the one for clients. */
  readonly ports: readonly number[]
  inProcess(place: Place, program: Installed): Launch & { readonly file: string }
  /** For the official image, and for any other that has the same program on its `PATH`. */
  inContainer(place: Place): ContainerLaunch
  /** Asks it once. Rejects, or is `silent`, when there is no answer within the time. */
  probe(address: ServerAddress, withinMs: number): Promise<Readiness>
  /** The identities that it is to know; absent without `auth`. */
  readonly credentials: ServerCredentials | undefined
  /** Makes these identities in a server that has just come up without data. */
  prepare(address: ServerAddress): Promise<void>
}

/** What a recipe is made from. */
export interface RecipeInput<Options> {
  readonly version: string
  readonly options: Options
  /** What to show when speaking TLS to the server; absent without TLS. */
  readonly tls?: TlsMaterial
}
