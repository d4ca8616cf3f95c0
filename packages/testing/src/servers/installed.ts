import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { choose, fetchedVersions, findOnPath } from './binaries.js'
import type { Installed } from './binaries.js'

/** The executable of Consul or etcd: a fetched one, or that on `PATH`. Throws `SERVER_UNAVAILABLE`. */
export function findExecutable(name: 'consul' | 'etcd', wanted: string | undefined): Installed {
  const fetched = fetchedVersions(name)
    .map(({ version, folder }) => ({ version, file: join(folder, 'usr', 'bin', name) }))
    .filter(({ file }) => existsSync(file))
  const onPath = findOnPath(name)
  const found = onPath ? [...fetched, { version: askVersion(onPath), file: onPath }] : fetched
  const advice = `run scripts/servers/fetch.sh, point ROLLCALL_SERVERS_DIR at a folder made by it, or put ${name} on PATH`
  return choose(name, found, wanted, advice)
}

function askVersion(file: string): string {
  const flag = file.endsWith('etcd') ? '--version' : 'version'
  const text = execFileSync(file, [flag], {
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? '0.0.0'
}
