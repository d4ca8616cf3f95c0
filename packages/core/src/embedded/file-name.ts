import { createHash } from 'node:crypto'
import type { Instance } from '../instance.js'

/** File names end at 255 bytes; a record's holds two of these and `.json`. */
const longestPart = 110

/** A service's 63 characters, all escaped, take 189. */
const longestService = 200

/** Between an instance's id and its incarnation; `toFileName` never gives it. */
const separator = '~'

export const recordSuffix = '.json'
export const temporarySuffix = '.tmp'

/** The file of one incarnation of an instance, within its service's folder. */
export function recordName({ id, incarnation }: Pick<Instance, 'id' | 'incarnation'>): string {
  return `${recordPrefix(id)}${toFileName(incarnation)}${recordSuffix}`
}

/** A service's folder. */
export function folderName(service: string): string {
  return toFileName(service, longestService)
}

/** The service of a folder; undefined for a folder that is none of ours. */
export function serviceOfFolder(name: string): string | undefined {
  try {
    const service = decodeURIComponent(name)
    return folderName(service) === name ? service : undefined
  } catch {
    return undefined
  }
}

/** What the files of all incarnations of an id begin with. */
export function recordPrefix(id: string): string {
  return `${toFileName(id)}${separator}`
}

/**
 * Text as part of a file name. Capitals are escaped too, since macOS and Windows take `A` and `a` for one. Whatever
 * is too long ends in its hash, and can't be read back.
 */
function toFileName(text: string, longest = longestPart): string {
  const escaped = text.replace(/[^a-z0-9._-]/gu, (char) => encodeURIComponent(char).replace(/^[^%]$/, hex))
  if (escaped.length <= longest) return escaped
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32)
  return `${escaped.slice(0, longest - 34)}%-${hash}`
}

// What encodeURIComponent leaves as it is.
function hex(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
