import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { say, step, StepFailure } from './run-process.mjs'

const kinds = ['CONSUL', 'ETCD', 'ZOOKEEPER']

/** What `--servers=` says, and the other arguments. */
export function readChoice(args) {
  const flag = args.find((arg) => arg.startsWith('--servers='))
  return { choice: flag?.slice('--servers='.length), rest: args.filter((arg) => arg !== flag) }
}

/** The ways to run real servers that tests are to be run with. Gets the servers ready for each, or throws. */
export async function prepareServers(choice) {
  const ways = { processes: ['processes'], containers: ['containers'], both: ['processes', 'containers'] }
  if (choice === undefined) return [await prepareEither()]
  if (!Object.hasOwn(ways, choice)) {
    throw new StepFailure(`--servers=${choice}: use processes, containers or both`)
  }
  for (const way of ways[choice]) await prepare[way]()
  return ways[choice]
}

const prepare = {
  // Elsewhere than on Debian they are on PATH or in ROLLCALL_SERVERS_DIR, or the tests say what to install.
  async processes() {
    if (isDebian() && !process.env.ROLLCALL_SERVERS_DIR) await fetchServers()
  },
  async containers() {
    if (!dockerAnswers()) await startDocker()
    // Debian's own servers need no image registry; an image named by the user comes first.
    if (!isDebian() || kinds.every((kind) => process.env[`ROLLCALL_${kind}_IMAGE`])) return
    await fetchServers()
    const folder = process.env.ROLLCALL_SERVERS_DIR ?? '.cache/servers'
    await step('Building images of the servers', 'bash', ['scripts/servers/build-images.sh', folder])
  },
}

/** Processes where they can be had, since they start faster; else containers. */
async function prepareEither() {
  if (isDebian() || process.env.ROLLCALL_SERVERS_DIR) {
    try {
      await prepare.processes()
      return 'processes'
    } catch (error) {
      say(`${error.message}; trying containers`)
    }
  }
  await prepare.containers()
  return 'containers'
}

let fetched

/** Once for both ways. */
function fetchServers() {
  fetched ??= step('Fetching Consul, etcd and ZooKeeper', 'bash', [
    'scripts/servers/fetch.sh',
    '.cache/servers',
  ])
  return fetched
}

async function startDocker() {
  if (!isDebian() || process.getuid() !== 0) {
    throw new StepFailure(
      'no Docker engine answers: start one, or run the tests with --servers=processes' +
        (isDebian() ? ' (as root, one would be installed here)' : ''),
    )
  }
  await step('Installing and starting Docker', 'bash', ['scripts/servers/ensure-docker.sh'])
}

const dockerAnswers = () => spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0

// Its derivatives have apt too, but not these packages.
function isDebian() {
  const release = '/etc/os-release'
  return existsSync(release) && /^ID="?debian"?$/m.test(readFileSync(release, 'utf8'))
}
