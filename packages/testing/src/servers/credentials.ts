import { randomBytes, randomUUID } from 'node:crypto'

/** What a client shows to a server: a token (Consul), or a name and a password (etcd, ZooKeeper). */
export interface Credentials {
  readonly username?: string
  readonly password?: string
  readonly token?: string
}

/** The identities of a server that was started with `auth`. The plain fields are those of a normal user. */
export interface ServerCredentials extends Credentials {
  /** May do everything. */
  readonly admin: Credentials
  /** May read services and write nothing. */
  readonly readonly: Credentials
  /** May read all services, and write those whose name begins with `web` (ZooKeeper: the one named `web`). */
  readonly limited: Credentials
  /** Known to nobody: the normal user's name with another password, or a made up token. */
  readonly wrong: Credentials
}

/** New tokens. */
export function makeTokens(): ServerCredentials & { readonly token: string } {
  const make = (): { token: string } => ({ token: randomUUID() })
  return { ...make(), admin: make(), readonly: make(), limited: make(), wrong: make() }
}

/** A user with the password in clear. */
export interface User {
  readonly username: string
  readonly password: string
}

/** Users with new passwords; `adminName` is the one to which the server itself gives all rights. */
export function makeUsers(
  adminName: string,
): ServerCredentials & User & { readonly [K in 'admin' | 'readonly' | 'limited']: User } {
  const make = (username: string): User => ({ username, password: randomBytes(8).toString('hex') })
  const alice = make('alice')
  return {
    ...alice,
    admin: make(adminName),
    readonly: make('rita'),
    limited: make('walter'),
    wrong: make('alice'),
  }
}
