import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute } from './execute.js'
import type { Tarballs } from './tarballs.js'

export type PackageManager = 'npm' | 'pnpm'

/** A user's project: an empty folder far from the workspace, with some of our packages installed from tarballs. */
export class Project {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'rollcall-project-'))

  static async create(by: PackageManager, tarballs: Tarballs, wanted: readonly string[]): Promise<Project> {
    const project = new Project()
    try {
      project.#describe(by, tarballs, wanted)
      await execute(by, ['install', ...(by === 'npm' ? ['--no-audit', '--no-fund'] : [])], project.folder)
      return project
    } catch (error) {
      project.remove()
      throw error
    }
  }

  /** Writes a file and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  /** Runs a file of the project to its end, with a folder of its own for `local:`. */
  run(file: string, node: string = process.execPath): Promise<string> {
    return execute(node, [file], this.folder, { XDG_RUNTIME_DIR: this.folder, ROLLCALL_HOST: '127.0.0.1' })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  // A peer is found through an override, as it would be found on the registry.
  #describe(by: PackageManager, { files }: Tarballs, wanted: readonly string[]): void {
    const specs = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `file:${file}`]))
    const dependencies = Object.fromEntries(wanted.map((name) => [name, specs[name]]))
    const manifest = { name: 'user', private: true, dependencies, ...(by === 'npm' && { overrides: specs }) }
    this.write('package.json', JSON.stringify(manifest))
    // pnpm wants a word on each install script: that of protobufjs, under etcd3, only prints a hint.
    const settings = { overrides: specs, allowBuilds: { protobufjs: false } }
    if (by === 'pnpm') this.write('pnpm-workspace.yaml', JSON.stringify(settings))
    // Whatever asks a registry for a package of ours meets a closed port.
    this.write('.npmrc', '@rollcall:registry=http://127.0.0.1:9/\n')
  }
}
