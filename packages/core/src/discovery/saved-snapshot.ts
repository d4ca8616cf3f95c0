import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readInstance, type Instance, type InstanceRecord } from '../instance.js'

export interface SavedSet {
  readonly instances: readonly Instance[]
  readonly confirmedAt: number
}

/**
 * The last set of a service on disk, for a process that starts while its store is down. One file for a registry and
 * service, replaced as a whole, readable by the user alone: it lists where things run.
 */
export class SavedSnapshot {
  readonly #folder: string
  readonly #file: string
  #writing: Promise<void> | undefined
  #next: SavedSet | undefined

  constructor(folder: string, registry: string, service: string) {
    // Two registries that share the folder must not read each other's sets.
    const mark = createHash('sha256').update(registry).digest('hex').slice(0, 12)
    this.#folder = folder
    this.#file = join(folder, `${service}-${mark}.json`)
  }

  /** The saved set; undefined when there is none. Throws when a file is there and can't be read. */
  async load(service: string): Promise<SavedSet | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    const { instances, confirmedAt } = JSON.parse(text) as { instances: InstanceRecord[]; confirmedAt: number }
    return { instances: instances.map((record) => readInstance({ ...record, service })), confirmedAt }
  }

  /** Writes the set; while a write is under way only the newest waits. */
  async save(set: SavedSet): Promise<void> {
    this.#next = set
    this.#writing ??= this.#drain().finally(() => (this.#writing = undefined))
    await this.#writing
  }

  async #drain(): Promise<void> {
    while (this.#next) {
      const set = this.#next
      this.#next = undefined
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const draft = `${this.#file}.${randomUUID()}`
      try {
        await writeFile(draft, JSON.stringify(set), { mode: 0o600 })
        await rename(draft, this.#file)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    }
  }
}
