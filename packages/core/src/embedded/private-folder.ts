import type { Stats } from 'node:fs'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { RollcallError } from '../errors.js'

/** Where this user's processes on this machine meet: XDG_RUNTIME_DIR, else the folder for temporary files. */
export function defaultFolder(env: NodeJS.ProcessEnv): string {
  const user = process.getuid?.() ?? userInfo().username.replace(/\W/g, '_')
  // Set to nothing is as good as not set.
  return join(env['XDG_RUNTIME_DIR'] || tmpdir(), `rollcall-${user}`)
}

/** Creates the folder when it is missing. Throws MISCONFIGURED when others could write to it. */
export async function preparePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (!['EACCES', 'EEXIST', 'ENOTDIR', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error
    throw misconfigured(path, `can't be created (${error.code})`, 'make room for it')
  })
  await checkPrivateFolder(path)
}

/** Whether the folder is there. Throws MISCONFIGURED when others could write to it. */
export async function checkPrivateFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(absent)
  const fault = stats && faultOf(stats)
  if (fault) throw misconfigured(path, ...fault)
  return stats !== undefined
}

// In a shared /tmp anybody may have made the folder before us, to read what we write or to feed us their instances.
function faultOf(stats: Stats): readonly [wrong: string, fix: string] | undefined {
  if (stats.isSymbolicLink()) return ['is a symbolic link', 'remove it']
  if (!stats.isDirectory()) return ['is no folder', 'remove it']
  if (!process.getuid) return undefined
  if (stats.uid !== process.getuid()) return [`belongs to another user, ${stats.uid}`, 'have it removed']
  if (stats.mode & 0o022) return ['can be written by other users', 'make it yours alone (chmod 700)']
  return undefined
}

function misconfigured(path: string, wrong: string, fix: string): RollcallError {
  return new RollcallError('MISCONFIGURED', `local: ${path} ${wrong}: ${fix}, or set the option dir.`)
}

/** For `catch`: undefined when the file or folder is not there. */
export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
