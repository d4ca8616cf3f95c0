import type { ServerCredentials } from './credentials.js'
import { makeTokens } from './credentials.js'
import { ask } from './http.js'
import type { HttpRequest } from './http.js'
import type { ServerAddress } from './recipe.js'
import { ServerError } from './server-error.js'
import { isAtLeast } from './version.js'

type WithTls = (request: HttpRequest) => HttpRequest

const readAll = 'node_prefix "" { policy = "read" } agent_prefix "" { policy = "read" }'
const rules = {
  user: `service_prefix "" { policy = "write" } ${readAll}`,
  readonly: `service_prefix "" { policy = "read" } ${readAll}`,
  limited: `service_prefix "" { policy = "read" } service_prefix "web" { policy = "write" } ${readAll}`,
}

/** Consul's access control: deny by default, and the tokens that tests use. */
export class ConsulAcl {
  readonly tokens: ServerCredentials & { readonly token: string } = makeTokens()

  /** The part of the agent's configuration. */
  config(version: string): object {
    const token = this.tokens.admin.token
    const admin = isAtLeast(version, '1.11') ? { initial_management: token } : { master: token }
    const tokens = { ...admin, agent: token }
    return { acl: { enabled: true, default_policy: 'deny', down_policy: 'deny', tokens } }
  }

  /** There is a leader some time before it knows its tokens. */
  async isUp(address: ServerAddress, withTls: WithTls): Promise<boolean> {
    const answer = await ask(address, withTls({ path: '/v1/acl/token/self', headers: this.#admin }))
    return answer.status === 200
  }

  async makeTokens(address: ServerAddress, withTls: WithTls): Promise<void> {
    const put = async (path: string, body: object): Promise<void> => {
      const answer = await ask(
        address,
        withTls({ method: 'PUT', path, headers: this.#admin, body, timeoutMs: 5_000 }),
      )
      if (answer.status === 200) return
      throw new ServerError('SERVER_FAILED', `consul refused PUT ${path}: ${answer.status} ${answer.body}`)
    }
    const { token, readonly, limited } = this.tokens
    const secrets = { user: token, readonly: readonly.token, limited: limited.token }
    for (const name of ['user', 'readonly', 'limited'] as const) {
      await put('/v1/acl/policy', { Name: name, Rules: rules[name] })
      await put('/v1/acl/token', { SecretID: secrets[name], Policies: [{ Name: name }] })
    }
  }

  get #admin(): Record<string, string> {
    return { 'x-consul-token': this.tokens.admin.token! }
  }
}
