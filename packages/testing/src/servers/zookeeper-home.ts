import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { choose, fetchedVersions, findOnPath, serversFolder } from './binaries.js'
import type { Installed } from './binaries.js'
import { ServerError } from './server-error.js'

const advice =
  'run scripts/servers/fetch.sh, or point ROLLCALL_ZOOKEEPER_HOME at an unpacked Apache ZooKeeper distribution'

const libraries = [
  'slf4j-api',
  'slf4j-simple',
  'metrics-core',
  'commons-cli',
  // Needed even when nothing is compressed: without it the server answers `ruok` and serves nobody.
  'snappy-java',
  'netty-buffer',
  'netty-codec',
  'netty-common',
  'netty-handler',
  'netty-resolver',
  'netty-transport',
  'netty-transport-native-epoll',
  'netty-transport-native-unix-common',
]

/** A ZooKeeper and a JVM to run it. Throws `SERVER_UNAVAILABLE`. */
export function findZookeeper(wanted: string | undefined): Installed {
  const chosen = choose('zookeeper', [...fromApache(), ...fromDebian()], wanted, advice)
  return { ...chosen, file: findJava() }
}

function findJava(): string {
  const fetched = join(serversFolder() ?? '', 'jre', 'home', 'bin', 'java')
  const java = findOnPath('java') ?? (existsSync(fetched) ? fetched : undefined)
  if (java) return java
  throw new ServerError(
    'SERVER_UNAVAILABLE',
    'zookeeper needs a JVM: put java on PATH, or run scripts/servers/fetch.sh with ROLLCALL_FETCH_JRE=1',
  )
}

function fromApache(): Installed[] {
  const home = process.env['ROLLCALL_ZOOKEEPER_HOME']
  if (!home) return []
  const lib = join(home, 'lib')
  const jar = existsSync(lib)
    ? readdirSync(lib).find((name) => /^zookeeper-\d.*\.jar$/.test(name))
    : undefined
  if (!jar) {
    throw new ServerError(
      'SERVER_UNAVAILABLE',
      `ROLLCALL_ZOOKEEPER_HOME=${home} has no lib/zookeeper-*.jar: ${advice}`,
    )
  }
  const classPath = [join(home, 'conf'), join(lib, '*')].join(delimiter)
  return [{ version: jar.slice('zookeeper-'.length, -'.jar'.length), file: '', classPath }]
}

// Debian keeps each library in an own package, and the manifest of its zookeeper.jar names jars by paths that are not
// there: hence the list, and jute before zookeeper.
function fromDebian(): Installed[] {
  const shared = join(serversFolder() ?? '', 'zk-libs', 'usr', 'share', 'java')
  return fetchedVersions('zookeeper').map(({ version, folder }) => {
    const own = join(folder, 'usr', 'share', 'java')
    const jars = [
      ...libraries.map((name) => join(shared, `${name}.jar`)),
      ...['zookeeper-jute', 'zookeeper'].map((name) => join(own, `${name}.jar`)),
    ]
    return { version, file: '', classPath: jars.join(delimiter) }
  })
}
