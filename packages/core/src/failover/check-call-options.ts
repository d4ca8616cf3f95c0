import type { RollcallError } from '../errors.js'
import { badOption, checkOption, show, unknownOption, type OptionSpec } from '../options.js'
import {
  belongsTo,
  callOptions,
  strategyNames,
  type CallOptionName,
  type StrategyName,
} from './call-options.js'

interface Check {
  readonly spec: OptionSpec
  /** The strategies that it is for, if not for all. */
  readonly owners: readonly StrategyName[] | undefined
  isFine(value: unknown): boolean
}

// Made once: options are checked with every call, and what is in order must cost next to nothing.
const checks: ReadonlyMap<string, Check> = new Map(
  Object.entries(callOptions).map(([name, spec]) => [name, checkOf(name, spec)]),
)
const strategies: ReadonlySet<unknown> = new Set(strategyNames)
const ofOneCall: readonly string[] = ['key', 'signal']

/**
 * Checks all options but `key`, which `keyText` does. Throws BAD_OPTION and UNKNOWN_OPTION, also for those that belong to
 * another strategy than the one given, or `inherited`. Defaults of a service are told by their `prefix`.
 */
export function checkCallOptions(options: object, inherited: StrategyName, prefix?: string): void {
  if (typeof options !== 'object' || options === null) {
    throw badOption(prefix ?? 'options', `is ${show(options)}`, 'give an object')
  }
  const given = options as Record<string, unknown>
  const strategy = given['strategy'] ?? inherited
  if (!strategies.has(strategy)) {
    const fix = `give one of ${strategyNames.join(', ')}`
    throw badOption(full('strategy', prefix), `is ${show(strategy)}`, fix)
  }
  for (const name in given) checkOne(name, given[name], strategy as StrategyName, prefix)
}

function checkOne(name: string, value: unknown, strategy: StrategyName, prefix: string | undefined): void {
  const check = checks.get(name)
  if (!check || (prefix !== undefined && ofOneCall.includes(name))) throw unknown(name, prefix)
  if (value === undefined) return
  if (!check.isFine(value)) refuse(full(name, prefix), value, check.spec)
  if (check.owners && !check.owners.includes(strategy)) {
    throw conflict(full(name, prefix), check.owners, strategy)
  }
}

function checkOf(name: string, spec: OptionSpec): Check {
  return { spec, owners: belongsTo[name as CallOptionName], isFine: testOf(name, spec) }
}

function testOf(name: string, spec: OptionSpec): (value: unknown) => boolean {
  if (spec.type === 'boolean') return (value) => typeof value === 'boolean'
  if (spec.type === 'number') return (value) => isWithin(value, spec)
  if (name === 'classify') return (value) => typeof value === 'function'
  return name === 'signal' ? isSignal : () => true
}

type NumberSpec = Extract<OptionSpec, { type: 'number' }>

function isWithin(value: unknown, { min, max, integer }: NumberSpec): boolean {
  return typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value))
}

// By its looks: test runners give every file a realm, and so an AbortSignal, of its own.
function isSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}

function full(name: string, prefix: string | undefined): string {
  return prefix === undefined ? name : `${prefix}.${name}`
}

function refuse(name: string, value: unknown, spec: OptionSpec): void {
  checkOption(name, spec, value)
  throw badOption(
    name,
    `is ${show(value)}`,
    name.endsWith('signal') ? 'give an AbortSignal' : 'give a function',
  )
}

function unknown(name: string, prefix: string | undefined): RollcallError {
  const known = [...checks.keys()].filter((each) => prefix === undefined || !ofOneCall.includes(each))
  return unknownOption(
    full(name, prefix),
    known.map((each) => full(each, prefix)),
  )
}

function conflict(name: string, owners: readonly StrategyName[], strategy: StrategyName): RollcallError {
  const whose = owners.length > 3 ? 'strategies that let the balancer choose' : owners.join(', ')
  return badOption(
    name,
    `conflicts with the strategy ${strategy}, being for ${whose}`,
    `leave ${name} out or give another strategy`,
  )
}
