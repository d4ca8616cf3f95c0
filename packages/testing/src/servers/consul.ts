import { ConsulAcl } from './consul-acl.js'
import { ask } from './http.js'
import type { HttpRequest } from './http.js'
import type { Installed } from './binaries.js'
import type { ServerCredentials } from './credentials.js'
import type { ConsulOptions } from './options.js'
import type {
  ContainerLaunch,
  Launch,
  Place,
  Readiness,
  Recipe,
  RecipeInput,
  ServerAddress,
} from './recipe.js'
import { isAtLeast } from './version.js'

/** One Consul agent that is its own server. */
export class ConsulRecipe implements Recipe {
  readonly kind = 'consul'
  readonly ports = [8500, 8600, 8300, 8301] as const
  readonly #input: RecipeInput<ConsulOptions>
  readonly #acl: ConsulAcl | undefined

  constructor(input: RecipeInput<ConsulOptions>) {
    this.#input = input
    if (input.options.auth) this.#acl = new ConsulAcl()
  }

  get credentials(): ServerCredentials | undefined {
    return this.#acl?.tokens
  }

  inProcess(place: Place, program: Installed): Launch & { readonly file: string } {
    return { file: program.file, ...this.#launch(place) }
  }

  // The official image's own entrypoint would add a data folder and give up root, for neither of which there is need.
  inContainer(place: Place): ContainerLaunch {
    return { entrypoint: ['consul'], ...this.#launch(place) }
  }

  async probe(address: ServerAddress, timeoutMs: number): Promise<Readiness> {
    const withTls = (request: HttpRequest): HttpRequest => this.#with({ ...request, timeoutMs })
    if (!(await hasLeader(address, withTls))) return 'answering'
    const isUp = (await isCaughtUp(address, withTls)) && (await (this.#acl?.isUp(address, withTls) ?? true))
    return isUp ? 'ready' : 'answering'
  }

  async prepare(address: ServerAddress): Promise<void> {
    await this.#acl?.makeTokens(address, (request) => this.#with(request))
  }

  #with(request: HttpRequest): HttpRequest {
    return { ...request, tls: this.#input.tls }
  }

  #launch(place: Place): Launch {
    const config = `${place.configDir}/consul.json`
    const dev = this.#input.options.dev ? ['-dev'] : []
    return {
      files: { [config]: JSON.stringify(this.#config(place)) },
      args: ['agent', ...dev, '-config-file', config],
    }
  }

  #config(place: Place): object {
    const { version, options } = this.#input
    return {
      node_name: 'test',
      bind_addr: '127.0.0.1',
      client_addr: place.host,
      log_level: 'warn',
      disable_update_check: true,
      performance: { raft_multiplier: 1 },
      ports: this.#ports(place),
      ...(!options.dev && { server: true, bootstrap_expect: 1, data_dir: place.dataDir }),
      ...this.#acl?.config(version),
      ...(place.tls && tlsConfig(version, place.tls, options.tls === 'mutual')),
    }
  }

  #ports(place: Place): object {
    const [client, dns, server, serf] = place.ports
    return {
      ...(place.tls ? { http: -1, https: client } : { http: client, https: -1 }),
      dns,
      server,
      serf_lan: serf,
      serf_wan: -1,
      grpc: -1,
      ...(isAtLeast(this.#input.version, '1.14') && { grpc_tls: -1 }),
    }
  }
}

/** Asked first: without a leader, all but this waits for one. */
async function hasLeader(
  address: ServerAddress,
  withTls: (request: HttpRequest) => HttpRequest,
): Promise<boolean> {
  const { status, body } = await ask(address, withTls({ path: '/v1/status/leader' }))
  return status === 200 && body.includes(':')
}

/**
 * A restarted server knows its leader some time before it has read its log again, and answers usual reads with less
 * than it holds; only consistent ones are refused until then.
 */
async function isCaughtUp(
  address: ServerAddress,
  withTls: (request: HttpRequest) => HttpRequest,
): Promise<boolean> {
  const answer = await ask(address, withTls({ path: '/v1/health/service/consul?consistent' }))
  return answer.status === 200
}

// 1.12 moved these into a stanza of their own.
function tlsConfig(version: string, tls: NonNullable<Place['tls']>, isMutual: boolean): object {
  const files = { ca_file: tls.ca, cert_file: tls.cert, key_file: tls.key }
  const common = { ...files, verify_incoming: isMutual, verify_outgoing: true }
  return isAtLeast(version, '1.12')
    ? { tls: { defaults: common, internal_rpc: { verify_server_hostname: true } } }
    : { ...common, verify_server_hostname: true }
}
