import type { AuthClient } from 'etcd3'
import type { CallOptions } from './call.js'

export interface Login {
  readonly username: string
  readonly password: string
}

/**
 * etcd's token for a user, fetched when first needed and again once the server has refused it. The client's own way
 * asks over a channel of its own, one more for each token, which ignores the name expected in the certificate.
 */
export class Token {
  readonly #auth: AuthClient
  readonly #login: Login
  readonly #onNoAuth: () => void
  #known: Promise<string> | undefined

  constructor(auth: AuthClient, login: Login, onNoAuth: () => void) {
    this.#auth = auth
    this.#login = login
    this.#onNoAuth = onNoAuth
  }

  /** The token, or an empty string while the server asks for none. */
  get(options: CallOptions): Promise<string> {
    this.#known ??= this.#fetch(options)
    return this.#known
  }

  /** Fetch a new one next time, unless another call has already done so. */
  forget(text: string): void {
    const known = this.#known
    void known?.then((now) => (this.#known = now === text && this.#known === known ? undefined : this.#known))
  }

  /** Expired; overtaken by a change of rights; or auth was switched on after us. */
  isRefusal(details: string): boolean {
    return /invalid auth token|revision of auth store is old|user name is empty/.test(details)
  }

  async #fetch(options: CallOptions): Promise<string> {
    try {
      const { username, password } = this.#login
      const { token } = await this.#auth.authenticate({ name: username, password }, options)
      return token
    } catch (error) {
      if (error instanceof Error && error.message.includes('authentication is not enabled')) {
        this.#onNoAuth()
        return ''
      }
      this.#known = undefined
      throw error
    }
  }
}
