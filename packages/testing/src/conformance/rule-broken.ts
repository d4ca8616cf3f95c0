import { inspect } from 'node:util'

/** A check's verdict: what was seen instead of what the rule demands. */
export class RuleBroken extends Error {
  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.name = 'RuleBroken'
  }
}

/** Throws RuleBroken with the detail unless `holds`. */
export function must(holds: unknown, detail: string): asserts holds {
  if (!holds) throw new RuleBroken(detail)
}

/** Any value in a few words. */
export function show(value: unknown): string {
  if (value instanceof Error)
    return `${value.name}${'code' in value ? ` ${String(value.code)}` : ''}: ${value.message}`
  if (value === undefined) return 'nothing'
  return inspect(value, { breakLength: Infinity, depth: 4 }).slice(0, 300)
}
