import { badOption, RollcallError, show } from '@rollcall/core/adapter'

export interface Range {
  readonly min: number
  readonly max?: number
  readonly integer?: boolean
}

/** The number at a place such as `servers[0].weight`; throws BAD_OPTION for anything else. */
export function checkNumber(path: string, value: unknown, { min, max = Infinity, integer }: Range): number {
  const isGood = typeof value === 'number' && value >= min && value <= max && Number.isFinite(value)
  if (isGood && (!integer || Number.isInteger(value))) return value
  const kind = integer ? 'a whole number' : 'a number'
  const range = max === Infinity ? `${kind} of ${min} or more` : `${kind} from ${min} to ${max}`
  throw badOption(path, `is ${show(value)}`, `give ${range}`)
}

export function checkText(path: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw badOption(path, `is ${show(value)}`, 'give a string that is not empty')
}

/** The object at a place; throws UNKNOWN_OPTION for a field that is not `known`. */
export function checkFields(path: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badOption(path, `is ${show(value)}`, 'give an object')
  }
  const odd = Object.keys(value).find((name) => !known.includes(name))
  if (odd === undefined) return
  const where = path === '' ? odd : `${path}.${odd}`
  throw new RollcallError('UNKNOWN_OPTION', `There is no option ${where}. Known here: ${known.join(', ')}.`)
}

/** The list at a place; throws BAD_OPTION for anything else, and for an empty one. */
export function checkList(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value
  throw badOption(
    path,
    `is ${Array.isArray(value) ? 'an empty array' : show(value)}`,
    'give an array of at least one',
  )
}

/** A `kind` that nobody knows. */
export function unknownKind(path: string, kind: unknown, known: readonly string[]): RollcallError {
  return badOption(`${path}.kind`, `is ${show(kind)}`, `give one of ${known.join(', ')}`)
}
