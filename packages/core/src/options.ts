import { RollcallError } from './errors.js'

/** What one option may be. A `value` cannot stand in a URL; a `secret` is shown as `***` wherever it would appear. */
export type OptionSpec =
  | { readonly type: 'string'; readonly default?: string; readonly secret?: boolean; readonly about: string }
  | { readonly type: 'boolean'; readonly default?: boolean; readonly about: string }
  | {
      readonly type: 'number'
      readonly default?: number
      readonly min: number
      readonly max: number
      readonly integer?: boolean
      readonly about: string
    }
  | { readonly type: 'list'; readonly default?: readonly string[]; readonly about: string }
  | { readonly type: 'value'; readonly about: string }

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

type ValueOf<S extends OptionSpec> = S extends { type: 'string' }
  ? string
  : S extends { type: 'boolean' }
    ? boolean
    : S extends { type: 'number' }
      ? number
      : S extends { type: 'list' }
        ? readonly string[]
        : unknown

/** The options after parsing: those with a default are always there. */
export type OptionsOf<S extends OptionSpecs> = {
  readonly [K in keyof S]: S[K] extends { default: unknown } ? ValueOf<S[K]> : ValueOf<S[K]> | undefined
}

/** Where an option came from, for errors that say where to mend it. */
export interface GivenOptions {
  readonly query: ReadonlyMap<string, string>
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * Reads every option of `specs`, from the URL's query and from the options object.
 * Throws BAD_OPTION for a wrong value or one given twice; unknown names are `rejectUnknown`'s.
 */
export function parseOptions<S extends OptionSpecs>(specs: S, given: GivenOptions): OptionsOf<S> {
  const parsed = Object.entries(specs).map(([name, spec]) => [name, parseOption(name, spec, given)] as const)
  return Object.fromEntries(parsed.filter(([, value]) => value !== undefined)) as OptionsOf<S>
}

/** Throws UNKNOWN_OPTION, with the nearest known name, for a name that is in none of the specs. */
export function rejectUnknown(given: GivenOptions, ...specs: readonly OptionSpecs[]): void {
  const known = specs.flatMap((spec) => Object.keys(spec))
  for (const name of [...given.query.keys(), ...Object.keys(given.options)]) {
    if (!known.includes(name)) throw unknownOption(name, known)
  }
}

/** The error for a name nobody knows: it names the nearest known one, or all. */
export function unknownOption(name: string, known: readonly string[]): RollcallError {
  const near = nearest(name, known)
  const advice = near ? `Did you mean ${near}?` : `Known here: ${known.toSorted().join(', ') || 'none'}.`
  return new RollcallError('UNKNOWN_OPTION', `There is no option ${show(name)}. ${advice}`)
}

/** At most two slips of the pen, and fewer than half of the letters. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const [near] = known
    .map((word) => ({ word, slips: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ word, slips }) => slips <= 2 && slips * 2 < Math.max(word.length, name.length))
    .toSorted((a, b) => a.slips - b.slips)
  return near?.word
}

function parseOption(name: string, spec: OptionSpec, given: GivenOptions): unknown {
  const inUrl = given.query.get(name)
  const inOptions = given.options[name]
  if (inUrl !== undefined && inOptions !== undefined) {
    throw badOption(name, 'stands in the URL and in the options', 'give it once')
  }
  if (inUrl !== undefined) return checkOption(name, spec, fromText(name, spec, inUrl))
  if (inOptions !== undefined) return checkOption(name, spec, inOptions)
  return 'default' in spec ? spec.default : undefined
}

function fromText(name: string, spec: OptionSpec, text: string): unknown {
  switch (spec.type) {
    case 'number':
      // Number('') is 0, which nobody who writes `ttlMs=` means. What is no number is refused as it was written.
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : text)
    case 'list':
      return text.split(',').filter(Boolean)
    case 'value':
      throw badOption(name, 'cannot stand in a URL', 'pass it in the options object')
    case 'string':
      return text
  }
}

/** Returns the value if it fits the spec, else throws BAD_OPTION saying what would. */
export function checkOption(name: string, spec: OptionSpec, value: unknown): unknown {
  const shown = spec.type === 'string' && spec.secret ? '***' : show(value)
  const refuse = (fix: string): never => {
    throw badOption(name, `is ${shown}`, fix)
  }
  switch (spec.type) {
    case 'string':
      return typeof value === 'string' && value !== '' ? value : refuse('give a string that is not empty')
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse('give true or false')
    case 'list':
      return isStringList(value) ? value : refuse('give a list of strings')
    case 'number':
      return fits(value, spec) ? value : refuse(`give ${rangeOf(spec)}`)
    case 'value':
      return value
  }
}

/** A BAD_OPTION error: the option, what is wrong with it, and the fix. */
export function badOption(name: string, wrong: string, fix: string): RollcallError {
  return new RollcallError('BAD_OPTION', `Option ${name} ${wrong}: ${fix}.`)
}

/** A value as an error message may show it: short, never an object's inside. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

type NumberSpec = Extract<OptionSpec, { type: 'number' }>

function fits(value: unknown, spec: NumberSpec): boolean {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (spec.integer && !Number.isInteger(value)) return false
  return value >= spec.min && value <= spec.max
}

function rangeOf(spec: NumberSpec): string {
  return `${spec.integer ? 'a whole number' : 'a number'} from ${spec.min} to ${spec.max}`
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** Levenshtein's edit distance, by the textbook's single row. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity
  const row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!
      row[j] = Math.min(above + 1, row[j - 1]! + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.length]!
}
