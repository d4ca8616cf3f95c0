import { mkdir, readdir, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { RollcallError } from '../errors.js'
import { isNewer } from '../incarnation.js'
import type { Instance } from '../instance.js'
import type { Random } from '../random.js'
import { folderName, recordName, recordPrefix, serviceOfFolder, temporarySuffix } from './file-name.js'
import { encodeRecord } from './local-record.js'
import { absent, checkPrivateFolder, preparePrivateFolder } from './private-folder.js'
import { ownIdentity } from './process-identity.js'
import { ProcessTable } from './process-table.js'
import { ServiceFolder, type FoundRecord } from './service-folder.js'

/** A temporary file this old was left by a process that died while it wrote. */
const abandonedMs = 60_000

/**
 * A registry within a folder: a folder for each service, in it a file for each incarnation of an instance. No two
 * processes ever write the same file, so nothing needs a lock and nothing is left half done by a kill.
 */
export class LocalStore {
  readonly #root: string
  readonly #clock: Clock
  readonly #random: Random
  readonly #processes: ProcessTable
  readonly #swept = new Set<string>()
  #written = 0

  constructor(root: string, clock: Clock, random: Random) {
    this.#root = root
    this.#clock = clock
    this.#random = random
    this.#processes = new ProcessTable(clock)
  }

  /** What a watch of the service reads. */
  folder(service: string): ServiceFolder {
    return this.#view(service)
  }

  /** Throws MISCONFIGURED when others could write to the folder; false when there is none yet. */
  check(): Promise<boolean> {
    return checkPrivateFolder(this.#root)
  }

  /** The names of all services that ever had an instance here. */
  async services(): Promise<string[]> {
    const entries = (await readdir(this.#root, { withFileTypes: true }).catch(absent)) ?? []
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => serviceOfFolder(name))
    return names.filter((name) => name !== undefined)
  }

  /** Writes the instance over its older self. Throws REPLACED when a newer incarnation holds the id. */
  async put(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<void> {
    await preparePrivateFolder(this.#root)
    await mkdir(this.#pathOf(instance.service), { recursive: true, mode: 0o700 })
    await this.#write(instance, ttlMs, signal)
    await this.#settle(instance)
    await this.#sweepOnce(instance.service)
  }

  /** Gives the incarnation another TTL. Throws LEASE_LOST when it is not there, REPLACED when a newer one is. */
  async renew(instance: Instance, ttlMs: number): Promise<void> {
    const file = this.#fileOf(instance)
    const now = this.#clock.wall()
    const stats = await stat(file).catch(absent)
    const runs = stats !== undefined && now < stats.mtimeMs + ttlMs
    const renewed = runs && (await touch(file, now))
    if (renewed) return
    if ((await this.#siblings(instance)).newer.length > 0) throw replaced(instance)
    throw lost(instance)
  }

  /** Removes the incarnation if it is there. */
  async remove(instance: Instance): Promise<void> {
    await unlink(this.#fileOf(instance)).catch(absent)
  }

  /** Whole or not at all: under another name first, then in one step to its place. */
  async #write(instance: Instance, ttlMs: number, signal: AbortSignal): Promise<void> {
    const mark = (this.#random() >>> 0).toString(36)
    const name = `${process.pid}-${this.#written++}-${mark}${temporarySuffix}`
    const temporary = join(this.#pathOf(instance.service), name)
    try {
      const text = encodeRecord({ instance, ttlMs, owner: ownIdentity() })
      await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
      await touch(temporary, this.#clock.wall())
      signal.throwIfAborted()
      await rename(temporary, this.#fileOf(instance))
    } catch (error) {
      await unlink(temporary).catch(() => {})
      throw error
    }
  }

  /**
   * Decides among the incarnations of an id, after writing: of two processes that write at the same time, each
   * looks when its own file is there, so the one that looks last sees both, and the older gives way whoever looks.
   */
  async #settle(instance: Instance): Promise<void> {
    const { newer, older } = await this.#siblings(instance)
    if (newer.length > 0) {
      await this.remove(instance)
      throw replaced(instance)
    }
    await Promise.all(
      older.map(({ name }) => unlink(join(this.#pathOf(instance.service), name)).catch(absent)),
    )
  }

  /** The other living incarnations of the id. */
  async #siblings({
    service,
    id,
    incarnation,
  }: Instance): Promise<{ newer: FoundRecord[]; older: FoundRecord[] }> {
    const found = (await this.#view(service, recordPrefix(id)).living()).filter(
      ({ instance }) => instance.id === id,
    )
    return {
      newer: found.filter((other) => isNewer(other.instance.incarnation, incarnation)),
      older: found.filter((other) => isNewer(incarnation, other.instance.incarnation)),
    }
  }

  /** Clears the service of what dead processes left, once: each new process does it. */
  async #sweepOnce(service: string): Promise<void> {
    if (this.#swept.has(service)) return
    this.#swept.add(service)
    await this.folder(service).sweep()
    const path = this.#pathOf(service)
    const temporary = ((await readdir(path).catch(absent)) ?? []).filter((name) =>
      name.endsWith(temporarySuffix),
    )
    await Promise.all(temporary.map((name) => this.#removeAbandoned(join(path, name))))
  }

  async #removeAbandoned(file: string): Promise<void> {
    const stats = await stat(file).catch(absent)
    if (stats && stats.mtimeMs + abandonedMs < this.#clock.wall()) await unlink(file).catch(absent)
  }

  #view(service: string, prefix = ''): ServiceFolder {
    const [clock, processes] = [this.#clock, this.#processes]
    return new ServiceFolder({ path: this.#pathOf(service), service, clock, processes, prefix })
  }

  #pathOf(service: string): string {
    return join(this.#root, folderName(service))
  }

  #fileOf(instance: Instance): string {
    return join(this.#pathOf(instance.service), recordName(instance))
  }
}

/** Sets the file's time of modification; false when there is no such file. */
function touch(file: string, wallMs: number): Promise<boolean> {
  return utimes(file, wallMs / 1000, wallMs / 1000).then(
    () => true,
    (error) => absent(error) ?? false,
  )
}

function replaced({ service, id }: Instance): RollcallError {
  return new RollcallError('REPLACED', `local: a newer incarnation holds ${service}/${id}`)
}

function lost({ service, id }: Instance): RollcallError {
  return new RollcallError(
    'LEASE_LOST',
    `local: the lease of ${service}/${id} has run out or its file is gone`,
  )
}
