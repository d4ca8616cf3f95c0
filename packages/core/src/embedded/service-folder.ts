import { statSync } from 'node:fs'
import { readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import type { SkippedRecord } from '../contract.js'
import { messageOf } from '../errors.js'
import type { Instance } from '../instance.js'
import { recordSuffix } from './file-name.js'
import { decodeRecord, type LocalRecord } from './local-record.js'
import { absent } from './private-folder.js'
import type { ProcessTable } from './process-table.js'

/** A record as it was found. */
export interface FoundRecord extends LocalRecord {
  readonly name: string
  renewedAt: number
}

export interface FolderView {
  readonly path: string
  readonly service: string
  readonly clock: Clock
  readonly processes: ProcessTable
  /** Looks only at files whose names begin with it. */
  readonly prefix?: string
}

/**
 * One service's folder, read again and again by one watch. While the folder's own time of modification stands
 * still, no file in it has come, gone or been replaced, so that a look costs one `stat`: renewals touch the files
 * alone. That `stat` is a blocking one, of microseconds; through Node's thread pool it takes a hundred.
 */
export class ServiceFolder {
  readonly #view: FolderView
  /** Sorted by id, then from the newest incarnation to the oldest. */
  #records: FoundRecord[] = []
  #skipped: SkippedRecord[] = []
  #listed: readonly Instance[] = []
  #folderTime: bigint | undefined
  /** A look before this, by `now`, may have missed a change that left the folder the same time. */
  #trustedFrom = 0
  #lookedAt = 0

  constructor(view: FolderView) {
    this.#view = view
  }

  get skipped(): readonly SkippedRecord[] {
    return this.#skipped
  }

  /** The living instances, of each id the newest, sorted by id; the same array while nothing has changed. */
  async list(): Promise<readonly Instance[]> {
    const living = (await this.living()).map(({ instance }) => instance)
    const newest = living.filter((instance, i) => instance.id !== living[i - 1]?.id)
    const same =
      newest.length === this.#listed.length && newest.every((instance, i) => instance === this.#listed[i])
    if (!same) this.#listed = newest
    return this.#listed
  }

  /** The records whose lease runs and whose process has not ended. */
  async living(): Promise<FoundRecord[]> {
    if (this.#mayHaveChanged()) await this.#readAll()
    return this.#records.filter((record) => this.#lives(record))
  }

  /** Removes the files of those that are dead. An owner who was only slow finds out at its next heartbeat. */
  async sweep(): Promise<void> {
    const living = new Set(await this.living())
    const dead = this.#records.filter((record) => !living.has(record))
    await Promise.all(dead.map(({ name }) => unlink(this.#pathOf(name)).catch(absent)))
  }

  #mayHaveChanged(): boolean {
    const time = statSync(this.#view.path, { bigint: true, throwIfNoEntry: false })?.mtimeNs
    const now = this.#view.clock.now()
    const changed = time !== this.#folderTime || foldersHaveNoTime
    if (changed) this.#trustedFrom = now + tickMs(time)
    const again = this.#lookedAt < this.#trustedFrom
    this.#folderTime = time
    this.#lookedAt = now
    return changed || again
  }

  async #readAll(): Promise<void> {
    const { path, prefix = '' } = this.#view
    const names = (await readdir(path).catch(absent)) ?? []
    const present = names.filter((name) => name.startsWith(prefix) && name.endsWith(recordSuffix))
    // A big folder is read in pieces: a file replaced in between may be missed, and is asked for by its name.
    const wanted = new Set([...present, ...this.#records.map(({ name }) => name)])
    const skipped: SkippedRecord[] = []
    const reading = [...wanted].map((name) =>
      this.#read(name).catch((error: unknown) => this.#skip(skipped, name, error)),
    )
    const found = (await Promise.all(reading)).filter((record) => record !== undefined)
    this.#records = found.toSorted(byIdAndNewest)
    this.#skipped = skipped
  }

  async #read(name: string): Promise<FoundRecord | undefined> {
    const stats = await stat(this.#pathOf(name)).catch(absent)
    if (!stats) return undefined
    // Opening a pipe would wait for its writer.
    if (!stats.isFile()) throw new Error('it is no plain file')
    const text = await readFile(this.#pathOf(name), 'utf8').catch(absent)
    if (text === undefined) return undefined
    return { ...decodeRecord(this.#view.service, text), name, renewedAt: stats.mtimeMs }
  }

  #skip(skipped: SkippedRecord[], name: string, error: unknown): undefined {
    skipped.push({ key: `${this.#view.service}/${name}`, reason: messageOf(error) })
  }

  #lives(record: FoundRecord): boolean {
    if (this.#view.processes.hasEnded(record.owner)) return false
    if (!this.#ranOut(record)) return true
    record.renewedAt = statSync(this.#pathOf(record.name), { throwIfNoEntry: false })?.mtimeMs ?? 0
    return !this.#ranOut(record)
  }

  #ranOut({ renewedAt, ttlMs }: FoundRecord): boolean {
    return this.#view.clock.wall() >= renewedAt + ttlMs
  }

  #pathOf(name: string): string {
    return join(this.#view.path, name)
  }
}

/** FAT keeps no times of change for folders, and Windows may be on FAT. */
const foldersHaveNoTime = process.platform === 'win32'

/**
 * How far apart two changes must be to leave the folder two different times. Linux takes the time from its tick, at
 * most 10 ms; file systems that know no fractions of a second count in steps of one or two.
 */
function tickMs(time: bigint | undefined): number {
  return time !== undefined && time % 1_000_000_000n === 0n ? 2_500 : 50
}

function byIdAndNewest({ instance: a }: FoundRecord, { instance: b }: FoundRecord): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.incarnation > b.incarnation ? -1 : 1
}
