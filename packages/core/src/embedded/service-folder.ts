import { readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import type { SkippedRecord } from '../contract.js'
import { messageOf } from '../errors.js'
import { isNewer } from '../incarnation.js'
import type { Instance } from '../instance.js'
import { recordSuffix } from './file-name.js'
import { decodeRecord, type LocalRecord } from './local-record.js'
import { absent } from './private-folder.js'
import { hasEnded } from './process-identity.js'

/** A record as it was found. */
export interface FoundRecord extends LocalRecord {
  readonly name: string
  renewedAt: number
}

/**
 * One service's folder, read again and again by one watch. While the folder's own time of modification stands
 * still, no file in it has come, gone or been replaced, so that a look costs little: renewals touch the files alone.
 */
export class ServiceFolder {
  readonly #path: string
  readonly #service: string
  readonly #clock: Clock
  readonly #prefix: string
  #records: FoundRecord[] = []
  #skipped: SkippedRecord[] = []
  #folderTime: bigint | undefined
  /** Until then, by `now`, the folder's time can't be trusted. */
  #recentUntil = Infinity

  /** @param prefix looks only at files whose names begin with it */
  constructor(path: string, service: string, clock: Clock, prefix = '') {
    this.#path = path
    this.#service = service
    this.#clock = clock
    this.#prefix = prefix
  }

  get skipped(): readonly SkippedRecord[] {
    return this.#skipped
  }

  /** The living instances, of each id the newest, sorted by id. */
  async list(): Promise<readonly Instance[]> {
    const newest = new Map<string, Instance>()
    for (const { instance } of await this.living()) {
      const other = newest.get(instance.id)
      if (!other || isNewer(instance.incarnation, other.incarnation)) newest.set(instance.id, instance)
    }
    return [...newest.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** The records whose lease runs and whose process has not ended. */
  async living(): Promise<FoundRecord[]> {
    await this.#refresh()
    const judged = await Promise.all(
      this.#records.map(async (record) => ({ record, lives: await this.#lives(record) })),
    )
    return judged.filter(({ lives }) => lives).map(({ record }) => record)
  }

  /** Removes the files of those that are dead. An owner who was only slow finds out at its next heartbeat. */
  async sweep(): Promise<void> {
    const living = new Set(await this.living())
    const dead = this.#records.filter((record) => !living.has(record))
    await Promise.all(dead.map(({ name }) => unlink(join(this.#path, name)).catch(absent)))
  }

  async #refresh(): Promise<void> {
    const stats = await stat(this.#path, { bigint: true }).catch(absent)
    const now = this.#clock.now()
    const changed = stats?.mtimeNs !== this.#folderTime || process.platform === 'win32'
    if (!changed && now > this.#recentUntil) return
    if (changed) this.#recentUntil = now + tickMs(stats?.mtimeNs)
    this.#folderTime = stats?.mtimeNs
    await this.#readAll()
  }

  async #readAll(): Promise<void> {
    const names = (await readdir(this.#path).catch(absent)) ?? []
    // A big folder is read in pieces: a file replaced in between may be missed, and is asked for by its name.
    const known = this.#records.map(({ name }) => name)
    const records = names.filter((name) => name.startsWith(this.#prefix) && name.endsWith(recordSuffix))
    const wanted = new Set([...records, ...known])
    const skipped: SkippedRecord[] = []
    const read = await Promise.all(
      [...wanted].map((name) =>
        this.#read(name).catch((error: unknown) => {
          skipped.push({ key: `${this.#service}/${name}`, reason: messageOf(error) })
          return undefined
        }),
      ),
    )
    this.#records = read.filter((record) => record !== undefined)
    this.#skipped = skipped
  }

  async #read(name: string): Promise<FoundRecord | undefined> {
    const path = join(this.#path, name)
    const stats = await stat(path).catch(absent)
    if (!stats) return undefined
    // Opening a pipe would wait for its writer.
    if (!stats.isFile()) throw new Error('it is no plain file')
    const text = await readFile(path, 'utf8').catch(absent)
    if (text === undefined) return undefined
    return { ...decodeRecord(this.#service, text), name, renewedAt: stats.mtimeMs }
  }

  async #lives(record: FoundRecord): Promise<boolean> {
    if (hasEnded(record.owner)) return false
    if (!this.#ranOut(record)) return true
    const stats = await stat(join(this.#path, record.name)).catch(absent)
    record.renewedAt = stats?.mtimeMs ?? 0
    return !this.#ranOut(record)
  }

  #ranOut({ renewedAt, ttlMs }: FoundRecord): boolean {
    return this.#clock.wall() >= renewedAt + ttlMs
  }
}

/**
 * How far apart two changes must be to leave the folder two different times. Linux takes the time from its tick, at
 * most 10 ms; file systems that know no fractions of a second count in steps of one or two.
 */
function tickMs(time: bigint | undefined): number {
  return time !== undefined && time % 1_000_000_000n === 0n ? 2_500 : 50
}
