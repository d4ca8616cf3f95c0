import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pnpmHome, root, step } from './run-process.mjs'

// Not as `packageManager`: with that field pnpm 12 fetches itself again, in parts that not every registry has.
const pnpmVersion = '12.21.0'

const stamp = join(root, 'node_modules', '.rollcall-setup')

/** Installs what the lockfile names, unless that is what is installed. */
export async function install() {
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  await getPnpm()
  await step('Installing dependencies', 'pnpm', ['install', '--frozen-lockfile'])
  writeFileSync(stamp, wanted)
}

/** Compiles the workspace, or some projects of it and what they refer to. */
export async function build(...projects) {
  const compiler = join(root, 'node_modules', 'typescript7', 'bin', 'tsc')
  await step('Compiling', process.execPath, [compiler, '-b', ...projects])
}

/** Makes of core what is published. It must be compiled. */
export async function bundleCore() {
  await step('Bundling core', process.execPath, ['scripts/bundle.mjs'])
}

/** The benchmarks reach into core's sources, which the compiler would leave beside them: so one file holds both. */
export async function bundleBench() {
  const file = 'bench/dist/main.js'
  const esbuild = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild')
  const flags = ['--bundle', '--platform=node', '--format=esm', '--target=node20', '--packages=external']
  await step('Bundling the benchmarks', process.execPath, [
    esbuild,
    'bench/main.ts',
    ...flags,
    `--outfile=${file}`,
  ])
  return file
}

async function getPnpm() {
  const manifest = join(pnpmHome, 'node_modules', 'pnpm', 'package.json')
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === pnpmVersion) return
  mkdirSync(pnpmHome, { recursive: true })
  const where = ['--prefix', pnpmHome, '--no-save', '--no-package-lock', '--no-audit', '--no-fund']
  await step(`Getting pnpm ${pnpmVersion}`, 'npm', ['install', ...where, `pnpm@${pnpmVersion}`])
}

function fingerprint() {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'))
  const hash = createHash('sha256').update(lockfile).digest('hex')
  return `pnpm ${pnpmVersion}, lockfile ${hash}\n`
}
