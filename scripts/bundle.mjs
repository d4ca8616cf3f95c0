// Bundles core for publishing, from what is compiled: node scripts/bundle.mjs. Loading its many small files one by one
// takes several times as long. Names and lines stay as they are, so that stack traces and debuggers need no source map.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './run-process.mjs'

const core = join(root, 'packages', 'core')
const { publishConfig } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'))
const doors = Object.values(publishConfig.exports).flatMap((door) => door.default ?? [])

// Names of chunks change with what they hold: old ones would be published too.
rmSync(join(core, 'bundle'), { recursive: true, force: true })
await build({
  absWorkingDir: core,
  entryPoints: doors.map((file) => file.replace('./bundle/', 'dist/')),
  outdir: 'bundle',
  bundle: true,
  // Doors share one copy of each module, and what is imported lazily has files of its own.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
})
