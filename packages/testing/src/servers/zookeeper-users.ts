import { createHash } from 'node:crypto'
import type { TlsMaterial } from './certificates.js'
import { makeUsers } from './credentials.js'
import type { ServerCredentials, User } from './credentials.js'
import type { ServerAddress } from './recipe.js'
import { ZookeeperWire } from './zookeeper-wire.js'
import type { Acl } from './zookeeper-wire.js'

const all = 31
const read = 1

/** ZooKeeper's users, who exist only as entries in the access lists of `/`, `/services` and `/services/web`. */
export class ZookeeperUsers {
  readonly users: ServerCredentials & { readonly [K in 'admin' | 'readonly' | 'limited']: User } & User =
    makeUsers('super')
  readonly #tls: TlsMaterial | undefined

  constructor(tls: TlsMaterial | undefined) {
    this.#tls = tls
  }

  /** Makes the admin a superuser of the server. */
  get jvmFlag(): string {
    return `-Dzookeeper.DigestAuthenticationProvider.superDigest=${digestOf(this.users.admin)}`
  }

  async make(address: ServerAddress): Promise<void> {
    const { admin, readonly, limited, username, password } = this.users
    const usual = [grant({ username, password }, all), grant(readonly, read), grant(limited, read)]
    const wire = await ZookeeperWire.open(address, this.#tls)
    try {
      await wire.addDigest(admin.username, admin.password)
      await wire.setAcl('/', usual)
      await wire.create('/services', '', usual)
      await wire.create('/services/web', '', [
        grant({ username, password }, all),
        grant(readonly, read),
        grant(limited, all),
      ])
    } finally {
      await wire.close()
    }
  }
}

function grant(user: User, perms: number): Acl {
  return { perms, scheme: 'digest', id: digestOf(user) }
}

function digestOf({ username, password }: User): string {
  return `${username}:${createHash('sha1').update(`${username}:${password}`).digest('base64')}`
}
