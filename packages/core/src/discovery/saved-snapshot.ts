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
  readonly #service: string
  readonly #file: string
  #writing: Promise<void> | undefined
  #next: SavedSet | undefined

  constructor(folder: string, registry: string, service: string) {
    const { createHash } = process.getBuiltinModule('node:crypto')
    // Neither two registries that share the folder, nor two services on a disk that knows no case, may meet in a file.
    const mark = createHash('sha256').update(`${registry}\n${service}`).digest('hex').slice(0, 12)
    this.#folder = folder
    this.#service = service
    this.#file = join(folder, `${service}-${mark}.json`)
  }

  /** The saved set; undefined when there is none. Throws when a file is there and can't be read. */
  async load(): Promise<SavedSet | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return text === undefined ? undefined : this.#parse(text)
  }

  /** Writes the set; while a write is under way only the newest waits. */
  save(set: SavedSet): Promise<void> {
    this.#next = set
    this.#writing ??= this.#drain()
    return this.#writing
  }

  #parse(text: string): SavedSet {
    const { instances, confirmedAt } = JSON.parse(text) as {
      instances: InstanceRecord[]
      confirmedAt: unknown
    }
    if (typeof confirmedAt !== 'number') throw new Error(`${this.#file} does not say when it was confirmed`)
    return {
      instances: instances.map((record) => readInstance({ ...record, service: this.#service })),
      confirmedAt,
    }
  }

  async #drain(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      for (let set = this.#next; set; set = this.#next) {
        this.#next = undefined
        await this.#write(JSON.stringify(set))
      }
    } finally {
      this.#writing = undefined
    }
  }

  async #write(text: string): Promise<void> {
    const draft = `${this.#file}.${process.getBuiltinModule('node:crypto').randomUUID()}`
    try {
      await writeFile(draft, text, { mode: 0o600 })
      await rename(draft, this.#file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
}
