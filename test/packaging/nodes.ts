import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execute } from './execute.js'

/** The other Nodes that CI runs the tarballs on. */
export const otherVersions = process.env['CI'] ? ['22.23.3', '24.21.0'] : []

/** The executable of a Node from npm. It lies outside of the workspace's modules, where it would shadow the machine's. */
export async function getNode(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const folder = resolve('.cache', `node-${version}`)
  const file = join(folder, 'node_modules', name, 'bin', 'node')
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts']
    await execute('npm', ['install', '--prefix', folder, ...flags, `${name}@${version}`], folder)
  }
  return file
}
