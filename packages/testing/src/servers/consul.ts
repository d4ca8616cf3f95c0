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
    const leader = await ask(address, this.#with({ path: '/v1/status/leader', timeoutMs }))
    // The leader's address in quotes; `""` or an error before there is one.
    if (leader.status !== 200 || !leader.body.includes(':')) return 'answering'
    const isReady = this.#acl ? await this.#acl.isUp(address, (request) => this.#with(request)) : true
    return isReady ? 'ready' : 'answering'
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

// 1.12 moved these into a stanza of their own.
function tlsConfig(version: string, tls: NonNullable<Place['tls']>, isMutual: boolean): object {
  const files = { ca_file: tls.ca, cert_file: tls.cert, key_file: tls.key }
  const common = { ...files, verify_incoming: isMutual, verify_outgoing: true }
  return isAtLeast(version, '1.12')
    ? { tls: { defaults: common, internal_rpc: { verify_server_hostname: true } } }
    : { ...common, verify_server_hostname: true }
}
