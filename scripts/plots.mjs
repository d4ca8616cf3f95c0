// `npm run plots -- [name of a figure …]`: simulates what docs/choosing.md shows, and writes its data, its plots and its
// tables. The same code gives the same files, byte for byte.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, say, step } from './run-process.mjs'
import { requireNode } from './node-version.mjs'
import { build, install } from './setup.mjs'

requireNode()
const folder = join(root, 'docs', 'plots')
const guide = join(root, 'docs', 'choosing.md')
const bundle = join(root, '.cache', 'plots.mjs')

try {
  await install()
  await build('packages/testing')
  await bundlePlots()
  await draw(await import(pathToFileURL(bundle)), process.argv.slice(2))
  await step('Formatting', join(root, 'node_modules', '.bin', 'oxfmt'), [folder])
} catch (error) {
  console.error(error.isStepFailure ? `rollcall: ${error.message}` : error)
  process.exitCode = 1
}

/** Only the drawing is bundled: what is simulated is what is built. */
async function bundlePlots() {
  const esbuild = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild')
  const flags = ['--bundle', '--platform=node', '--format=esm', '--target=node20', '--packages=external']
  const entry = join('docs', 'plots', 'src', 'figures.ts')
  await step('Bundling the plots', process.execPath, [esbuild, entry, ...flags, `--outfile=${bundle}`])
}

async function draw({ figures, fill, svgOf }, wanted) {
  const unknown = wanted.find((name) => figures.every((figure) => figure.name !== name))
  if (unknown) throw new Error(`no figure ${unknown}: use ${figures.map(({ name }) => name).join(', ')}`)
  for (const { name, make } of figures) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const start = performance.now()
    const data = await make()
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(data, null, 2)}\n`)
    writeFileSync(join(folder, `${name}.svg`), svgOf(data.chart))
    say(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  }
  const dataOf = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  writeFileSync(guide, fill(readFileSync(guide, 'utf8'), dataOf))
}
