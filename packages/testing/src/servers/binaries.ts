import { existsSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { ServerError } from './server-error.js'
import { compareVersions } from './version.js'

/** A server program found on this machine. */
export interface Installed {
  readonly version: string
  /** Consul's or etcd's executable, or the JVM. */
  readonly file: string
  /** The JVM's, for ZooKeeper. */
  readonly classPath?: string
}

/**
 * The folder made by `scripts/servers/fetch.sh`: `ROLLCALL_SERVERS_DIR`, else the nearest `.cache/servers` upwards of
 * the current folder.
 */
export function serversFolder(): string | undefined {
  const given = process.env['ROLLCALL_SERVERS_DIR']
  if (given) return resolve(given)
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const candidate = join(folder, '.cache', 'servers')
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}

/** The fetched versions of one kind, newest first: folders such as `etcd-3.5.30`. */
export function fetchedVersions(kind: string): { readonly version: string; readonly folder: string }[] {
  const root = serversFolder()
  if (!root || !existsSync(root)) return []
  return readdirSync(root)
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => ({ version: name.slice(kind.length + 1), folder: join(root, name) }))
    .sort((a, b) => compareVersions(b.version, a.version))
}

/** An executable on `PATH`. */
export function findOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/** Of those found, the one with the wanted version, else the newest. */
export function choose(
  kind: string,
  found: readonly Installed[],
  wanted: string | undefined,
  advice: string,
): Installed {
  const sorted = found.toSorted((a, b) => compareVersions(b.version, a.version))
  const chosen = wanted === undefined ? sorted[0] : sorted.find((one) => one.version === wanted)
  if (chosen) return chosen
  const have = sorted.length > 0 ? ` (found: ${sorted.map((one) => one.version).join(', ')})` : ''
  const what = wanted === undefined ? kind : `${kind} ${wanted}`
  throw new ServerError('SERVER_UNAVAILABLE', `${what} is not installed${have}: ${advice}`)
}
