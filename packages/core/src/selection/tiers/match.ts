import type { Instance } from '../../instance.js'
import { badOption, show } from '../../options.js'
import { settingsOf } from '../../settings.js'

/** What instances must have in common: everything that is named here. */
export interface Match {
  /** All of these tags, and any others. */
  tags?: readonly string[]
  /** This version, or one of these. `2.x` stands for `2` and for all that begins with `2.`, so `2.0.1-rc.1` too. */
  version?: string | readonly string[]
  /** This zone, or one of these. */
  zone?: string | readonly string[]
  /** These values, and any other keys. */
  metadata?: Readonly<Record<string, string>>
}

/** What a match takes; documentation and checks are made of it. */
export const matchOptions = {
  tags: { type: 'list', about: 'all of these tags' },
  version: {
    type: 'value',
    about: 'this version or one of these; `2.x` stands for all that begin with `2.`',
  },
  zone: { type: 'value', about: 'this zone or one of these' },
  metadata: { type: 'value', about: 'these values' },
} as const

/** A copy that is safe to use. Throws BAD_OPTION and UNKNOWN_OPTION; what names nothing matches everybody. */
export function checkMatch(match: Match, option = 'match'): Match {
  const { tags, version, zone, metadata } = settingsOf(option, matchOptions, match)
  return {
    ...(tags && { tags: texts(`${option}.tags`, tags) }),
    ...(version !== undefined && { version: texts(`${option}.version`, version) }),
    ...(zone !== undefined && { zone: texts(`${option}.zone`, zone) }),
    ...(metadata !== undefined && { metadata: pairs(`${option}.metadata`, metadata) }),
  }
}

export function matches(instance: Instance, { tags, version, zone, metadata }: Match): boolean {
  return (
    (tags === undefined || tags.every((tag) => instance.tags.includes(tag))) &&
    (version === undefined || list(version).some((wanted) => isVersion(instance.version, wanted))) &&
    (zone === undefined || list(zone).some((wanted) => wanted === instance.zone)) &&
    (metadata === undefined || hasPairs(instance.metadata, metadata))
  )
}

function isVersion(version: string | undefined, wanted: string): boolean {
  if (version === undefined || !wanted.endsWith('.x')) return version === wanted
  return version === wanted.slice(0, -2) || version.startsWith(wanted.slice(0, -1))
}

function hasPairs(metadata: Instance['metadata'], wanted: NonNullable<Match['metadata']>): boolean {
  return Object.entries(wanted).every(([key, value]) => metadata[key] === value)
}

function list(given: string | readonly string[]): readonly string[] {
  return typeof given === 'string' ? [given] : given
}

function texts(option: string, given: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (all.length === 0) throw badOption(option, 'is empty', 'name at least one, or leave it out')
  const odd = all.findIndex((text) => typeof text !== 'string' || text === '')
  if (odd >= 0) {
    const where = Array.isArray(given) ? `${option}[${odd}]` : option
    throw badOption(where, `is ${show(all[odd])}`, 'give texts that are not empty')
  }
  return [...all] as string[]
}

function pairs(option: string, given: unknown): Readonly<Record<string, string>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw badOption(option, `is ${show(given)}`, "give an object such as { team: 'payments' }")
  }
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw badOption(`${option}.${key}`, `is ${show(value)}`, 'give a text')
  }
  return { ...given }
}
