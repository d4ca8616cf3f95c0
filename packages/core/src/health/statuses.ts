import { badOption, show } from '../options.js'

/** A status, such as 204, or a range with both its ends, such as `'200-299'`. */
export type ExpectedStatus = number | string

type Range = readonly [from: number, to: number]

const fix = "give statuses such as 204 or '200-299', from 100 to 599, alone or in a list"

/** Whether a status is among those expected. Throws BAD_OPTION for what can't be read. */
export function statusesOf(expect: ExpectedStatus | readonly ExpectedStatus[]): (status: number) => boolean {
  const list = Array.isArray(expect) ? expect : [expect]
  if (list.length === 0) throw badOption('probe.expect', 'is an empty list', fix)
  const ranges = list.map(rangeOf)
  return (status) => ranges.some(([from, to]) => status >= from && status <= to)
}

function rangeOf(expected: unknown): Range {
  const found = /^(\d{3})(?:-(\d{3}))?$/.exec(
    typeof expected === 'number' ? String(expected) : text(expected),
  )
  const from = Number(found?.[1])
  const to = Number(found?.[2] ?? from)
  if (from >= 100 && to <= 599 && from <= to) return [from, to]
  throw badOption('probe.expect', `holds ${show(expected)}`, fix)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
