import { EtcdUsers } from './etcd-users.js'
import { ask } from './http.js'
import type { Installed } from './binaries.js'
import type { ServerCredentials } from './credentials.js'
import type { EtcdOptions } from './options.js'
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

/** An etcd cluster of one. */
export class EtcdRecipe implements Recipe {
  readonly kind = 'etcd'
  readonly ports = [2379, 2380] as const
  readonly #input: RecipeInput<EtcdOptions>
  readonly #users: EtcdUsers | undefined

  constructor(input: RecipeInput<EtcdOptions>) {
    this.#input = input
    if (input.options.auth) this.#users = new EtcdUsers(input.tls)
  }

  get credentials(): ServerCredentials | undefined {
    return this.#users?.users
  }

  inProcess(place: Place, program: Installed): Launch & { readonly file: string } {
    return { file: program.file, args: this.#flags(place) }
  }

  inContainer(place: Place): ContainerLaunch {
    return { args: ['etcd', ...this.#flags(place)] }
  }

  async probe(address: ServerAddress, timeoutMs: number): Promise<Readiness> {
    const answer = await ask(address, { path: '/health', tls: this.#input.tls, timeoutMs })
    return answer.body.includes('"true"') ? 'ready' : 'answering'
  }

  async prepare(address: ServerAddress): Promise<void> {
    await this.#users?.make(address)
  }

  #flags(place: Place): string[] {
    const { version, options } = this.#input
    const [port, peerPort] = place.ports
    const scheme = place.tls ? 'https' : 'http'
    const peer = `http://127.0.0.1:${peerPort}`
    const electionMs = options.electionTimeoutMs ?? 100
    const flags = {
      name: 'test',
      'data-dir': place.dataDir,
      'log-level': 'warn',
      logger: 'zap',
      'listen-client-urls': `${scheme}://${place.host}:${port}`,
      'advertise-client-urls': `${scheme}://127.0.0.1:${place.publicPort}`,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `test=${peer}`,
      'election-timeout': electionMs,
      'heartbeat-interval': Math.ceil(electionMs / 10),
      ...(isAtLeast(version, '3.5') && { 'unsafe-no-fsync': true }),
      ...(place.tls && tlsFlags(place.tls, options.tls === 'mutual')),
      // The cheapest hash of passwords: logging in must not cost a test 0.1 s.
      ...(options.auth && { 'bcrypt-cost': 4 }),
    }
    return Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  }
}

function tlsFlags(tls: NonNullable<Place['tls']>, isMutual: boolean): Record<string, string | true> {
  // A trusted authority alone would be enough to make certificates compulsory.
  const mutual = isMutual && ({ 'client-cert-auth': true, 'trusted-ca-file': tls.ca } as const)
  return { 'cert-file': tls.cert, 'key-file': tls.key, ...mutual }
}
