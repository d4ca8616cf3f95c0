import { fourLetterWord } from './four-letter-word.js'
import type { Installed } from './binaries.js'
import type { ServerCredentials } from './credentials.js'
import type { ZookeeperOptions } from './options.js'
import type {
  ContainerLaunch,
  Launch,
  Place,
  Readiness,
  Recipe,
  RecipeInput,
  ServerAddress,
} from './recipe.js'
import { ZookeeperUsers } from './zookeeper-users.js'

const jvmFlags = ['-Xms32m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
const mainClass = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'

/** A ZooKeeper that stands alone. */
export class ZookeeperRecipe implements Recipe {
  readonly kind = 'zookeeper'
  readonly ports = [2181] as const
  readonly #input: RecipeInput<ZookeeperOptions>
  readonly #users: ZookeeperUsers | undefined

  constructor(input: RecipeInput<ZookeeperOptions>) {
    this.#input = input
    if (input.options.auth) this.#users = new ZookeeperUsers(input.tls)
  }

  get credentials(): ServerCredentials | undefined {
    return this.#users?.users
  }

  inProcess(place: Place, program: Installed): Launch & { readonly file: string } {
    const config = `${place.configDir}/zoo.cfg`
    const logLevel = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
    return {
      file: program.file,
      args: [...this.#jvmFlags, logLevel, '-cp', program.classPath!, mainClass, config],
      files: { [config]: this.#config(place) },
    }
  }

  // The official image writes a configuration of its own only where it finds none at this path.
  inContainer(place: Place): ContainerLaunch {
    return {
      args: ['zkServer.sh', 'start-foreground'],
      env: { JVMFLAGS: this.#jvmFlags.join(' ') },
      files: { '/conf/zoo.cfg': this.#config(place) },
    }
  }

  async probe(address: ServerAddress, withinMs: number): Promise<Readiness> {
    // Not `ruok`: it is answered by servers that cannot serve.
    const answer = await fourLetterWord(address, 'srvr', this.#input.tls, withinMs)
    if (answer.includes('Mode:')) return 'ready'
    return answer === '' ? 'silent' : 'answering'
  }

  async prepare(address: ServerAddress): Promise<void> {
    await this.#users?.make(address)
  }

  get #jvmFlags(): string[] {
    return this.#users ? [...jvmFlags, this.#users.jvmFlag] : jvmFlags
  }

  #config(place: Place): string {
    const { tickTimeMs = 500, minSessionTimeoutMs, maxSessionTimeoutMs, tls } = this.#input.options
    const settings: Record<string, string | number | undefined> = {
      tickTime: tickTimeMs,
      minSessionTimeout: minSessionTimeoutMs,
      maxSessionTimeout: maxSessionTimeoutMs,
      dataDir: place.dataDir,
      maxClientCnxns: 0,
      'admin.enableServer': 'false',
      '4lw.commands.whitelist': '*',
      ...(place.tls ? tlsSettings(place, place.tls, tls === 'mutual') : plainSettings(place)),
    }
    const given = Object.entries(settings).filter(([, value]) => value !== undefined)
    return given.map(([name, value]) => `${name}=${value}\n`).join('')
  }
}

function plainSettings(place: Place): Record<string, string | number | undefined> {
  return { clientPort: place.ports[0], clientPortAddress: place.host }
}

function tlsSettings(
  place: Place,
  tls: NonNullable<Place['tls']>,
  isMutual: boolean,
): Record<string, string | number | undefined> {
  return {
    secureClientPort: place.ports[0],
    secureClientPortAddress: place.host,
    serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
    'ssl.keyStore.location': tls.both,
    'ssl.keyStore.type': 'PEM',
    'ssl.trustStore.location': tls.ca,
    'ssl.trustStore.type': 'PEM',
    'ssl.clientAuth': isMutual ? 'need' : 'none',
  }
}
