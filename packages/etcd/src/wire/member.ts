import { Etcd3 } from 'etcd3'
import { callOptions, isTokenRefused, type CallNeeds, type CallOptions } from './call.js'
import { Token, type Login } from './token.js'

/** The part of an etcd3 client that we use: no Watcher and no Lease, which resume and renew on terms of their own. */
export type Client = Pick<Etcd3, 'kv' | 'leaseClient' | 'watchClient'>

type Options = NonNullable<ConstructorParameters<typeof Etcd3>[0]>
type Policies = NonNullable<Options['faultHandling']>

export interface Access {
  readonly tls?: Partial<NonNullable<Options['credentials']>> | undefined
  readonly serverName?: string | undefined
  readonly login?: Login | undefined
  /** Credentials were given to a server that asks for none. */
  readonly onNoAuth: () => void
}

interface Own {
  readonly host?: string
  readonly token?: Token | undefined
  readonly close?: () => void
}

/** One etcd server, or whatever stands behind a client that was handed in. */
export class Member {
  /** `host:port`; undefined for a client that was handed in. */
  readonly host: string | undefined
  readonly #client: Client
  readonly #token: Token | undefined
  readonly #close: (() => void) | undefined

  /** A client that was handed in needs neither a token of ours nor closing. */
  constructor(client: Client, own: Own = {}) {
    this.host = own.host
    this.#client = client
    this.#token = own.token
    this.#close = own.close
  }

  /** A client of our own for one host; contacts nothing. */
  static open(host: string, access: Access): Member {
    const client = openClient(host, access)
    const token = access.login && new Token(client.auth, access.login, access.onNoAuth)
    return new Member(client, { host, token, close: () => client.close() })
  }

  /** Makes a call; once more if only the token was too old. */
  async call<T>(make: (client: Client, options: CallOptions) => Promise<T>, needs: CallNeeds): Promise<T> {
    try {
      return await make(this.#client, await this.#options(needs))
    } catch (error) {
      if (!isTokenRefused(error)) throw error
      return make(this.#client, await this.#options(needs))
    }
  }

  close(): void {
    this.#close?.()
  }

  async #options(needs: CallNeeds): Promise<CallOptions> {
    if (!this.#token) return callOptions(needs)
    // Not with the caller's signal: whoever waits for the same token would fail with it. And not with one for all
    // logins: of more than ten at once Node would warn.
    const login = callOptions({ signal: new AbortController().signal, timeoutMs: loginMs })
    return callOptions({ ...needs, token: { text: await this.#token.get(login), from: this.#token } })
  }
}

// A server spends about 0.1 s on hashing a password.
const loginMs = 3_000

function openClient(host: string, { tls, serverName }: Access): Etcd3 {
  return new Etcd3({
    hosts: `${tls ? 'https' : 'http'}://${host}`,
    // The type asks for a root certificate; without one the channel trusts what Node trusts.
    ...(tls && { credentials: tls as NonNullable<Options['credentials']> }),
    grpcOptions: {
      ...channel,
      ...(serverName !== undefined && { 'grpc.ssl_target_name_override': serverName }),
    },
    faultHandling: { global: once, host: () => once },
  })
}

const channel = {
  // A dead connection is noticed after 13 s; a server punishes pings that come faster than every 5 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  // It also punishes the third ping without a call between; a dead connection shows at the next call's deadline.
  'grpc.keepalive_permit_without_calls': 0,
  // Backing off is core's: left alone the channel would refuse calls for up to 2 minutes after an outage.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A watch that catches up may get more than gRPC's 4 MiB at once.
  'grpc.max_receive_message_length': -1,
}

// The client's own policies retry, and answer for the server while they think it is down.
const once = { execute: async <T>(fn: () => T | Promise<T>) => fn() } as unknown as NonNullable<
  Policies['global']
>
