import {
  badOption,
  type OptionsOf,
  type OptionSpecs,
  parseOptions,
  rejectUnknown,
  show,
} from '../../options.js'

/** A plan's options with their defaults. Throws BAD_OPTION and UNKNOWN_OPTION; one that is undefined is not given. */
export function planOptions<S extends OptionSpecs>(specs: S, options: object): OptionsOf<S> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw badOption('options', `is ${show(options)}`, 'give an object')
  }
  const given = { query: new Map<string, string>(), options: options as Readonly<Record<string, unknown>> }
  rejectUnknown(given, specs)
  return parseOptions(specs, given)
}
