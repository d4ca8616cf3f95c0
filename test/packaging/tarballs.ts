import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute } from './execute.js'

/** The packages as npm would publish them, by name: paths of tarballs. */
export interface Tarballs {
  readonly files: Readonly<Record<string, string>>
  remove(): void
}

/** Packs every package of the workspace. They must be built. */
export async function packAll(): Promise<Tarballs> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-tarballs-'))
  const files: Record<string, string> = {}
  for (const name of readdirSync('packages')) {
    const out = await execute(
      'pnpm',
      ['pack', '--json', '--pack-destination', folder],
      join('packages', name),
    )
    files[`@rollcall/${name}`] = (JSON.parse(out) as { filename: string }).filename
  }
  return { files, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
