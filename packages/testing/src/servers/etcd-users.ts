import type { TlsMaterial } from './certificates.js'
import { makeUsers } from './credentials.js'
import type { ServerCredentials, User } from './credentials.js'
import { ask } from './http.js'
import type { ServerAddress } from './recipe.js'
import { ServerError } from './server-error.js'

/** etcd's users and their rights below `/services/`, made through its JSON gateway. */
export class EtcdUsers {
  readonly users: ServerCredentials & { readonly [K in 'admin' | 'readonly' | 'limited']: User } & User =
    makeUsers('root')
  readonly #tls: TlsMaterial | undefined

  constructor(tls: TlsMaterial | undefined) {
    this.#tls = tls
  }

  async make(address: ServerAddress): Promise<void> {
    const { admin, readonly, limited, username, password } = this.users
    await this.#makeUser(address, admin, 'root', [])
    await this.#makeUser(address, { username, password }, 'user', [['READWRITE', '/services/']])
    await this.#makeUser(address, readonly, 'readonly', [['READ', '/services/']])
    await this.#makeUser(address, limited, 'limited', [
      ['READ', '/services/'],
      ['READWRITE', '/services/web'],
    ])
    await this.#post(address, 'enable', {})
  }

  async #makeUser(
    address: ServerAddress,
    user: User,
    role: string,
    rights: readonly (readonly [string, string])[],
  ): Promise<void> {
    await this.#post(address, 'user/add', { name: user.username, password: user.password })
    await this.#post(address, 'role/add', { name: role })
    for (const [permType, prefix] of rights) {
      const perm = { permType, key: base64(prefix), range_end: base64(endOf(prefix)) }
      await this.#post(address, 'role/grant', { name: role, perm })
    }
    await this.#post(address, 'user/grant', { user: user.username, role })
  }

  async #post(address: ServerAddress, path: string, body: object): Promise<void> {
    const request = {
      method: 'POST',
      path: `/v3/auth/${path}`,
      body,
      tls: this.#tls,
      timeoutMs: 5_000,
    } as const
    const answer = await ask(address, request)
    if (answer.status === 200) return
    throw new ServerError('SERVER_FAILED', `etcd refused ${request.path}: ${answer.status} ${answer.body}`)
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The first key after all that begin with the prefix. */
function endOf(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1)
  return prefix.slice(0, -1) + String.fromCharCode(last + 1)
}
