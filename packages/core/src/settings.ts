import { badOption, checkOption, show, unknownOption } from './options.js'
import type { OptionsOf, OptionSpec, OptionSpecs } from './options.js'

/**
 * The checked values of an option that is an object, defaults filled in; a value that is undefined is one not given.
 * Throws BAD_OPTION and UNKNOWN_OPTION with names in full, such as `subset.size`.
 */
export function settingsOf<S extends OptionSpecs>(option: string, specs: S, given: unknown): OptionsOf<S> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw badOption(option, `is ${show(given)}`, `give an object with ${Object.keys(specs).join(', ')}`)
  }
  const inFull = (name: string): string => `${option}.${name}`
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) throw unknownOption(inFull(name), Object.keys(specs).map(inFull))
  }
  const values = Object.entries(specs).map(
    ([name, spec]) => [name, valueOf(inFull(name), spec, given[name as keyof typeof given])] as const,
  )
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as OptionsOf<S>
}

/** The value, which has no default. Throws BAD_OPTION if it is missing. */
export function required<T>(option: string, value: T | undefined, fix: string): T {
  if (value === undefined) throw badOption(option, 'is missing', fix)
  return value
}

function valueOf(option: string, spec: OptionSpec, given: unknown): unknown {
  if (given !== undefined) return checkOption(option, spec, given)
  return 'default' in spec ? spec.default : undefined
}
