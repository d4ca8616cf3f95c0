import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Guard } from './guard.js'

/** A folder that is gone at the latest when this process is. */
export interface TempFolder {
  readonly path: string
  remove(): Promise<void>
}

/** Makes an empty folder. `atEnd`: shell commands to run in it, before it goes, if this process ends first. */
export async function makeTempFolder(name: string, atEnd = ':'): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), `rollcall-${name}-`))
  const guard = new Guard(`cd "$1" && { ${atEnd}; }; cd /; rm -rf "$1"`, [path])
  return {
    path,
    remove: () => {
      guard.dismiss()
      return rm(path, { recursive: true, force: true })
    },
  }
}
