import { systemRandom } from '@rollcall/core/adapter'
import { inProcess } from './in-process.js'
import type { PickCase } from './pick-case.js'
import { row, rowAtMost, type Effort, type Reference, type Row } from './row.js'
import { median, shuffle } from './statistics.js'

const sizes = [10, 1_000, 10_000]

interface Wanted {
  readonly what: PickCase
  readonly name: string
  readonly floor: PickCase
  /** How many times the floor, at most. */
  readonly most?: number
}

const wanted: readonly Wanted[] = [
  { what: 'round-robin', name: 'pick round-robin', floor: 'counter', most: 2 },
  { what: 'random', name: 'pick random', floor: 'counter', most: 2 },
  { what: 'random', name: 'pick random', floor: 'index' },
  { what: 'weighted', name: 'registry.service().pick() by default', floor: 'counter', most: 2 },
  { what: 'weighted-random', name: 'pick weighted-random', floor: 'alias', most: 2 },
  { what: 'acquire', name: 'acquire() and done()', floor: 'counter' },
]

const floors: Partial<Record<PickCase, Reference['name']>> = {
  counter: 'floor: Map.get and a counter',
  index: 'floor: Map.get and a random index',
  alias: 'floor: Map.get and an alias table',
}

interface Seen {
  readonly ns: number
  readonly bytes: number
}

/** P1 and P4: every case in processes of its own, in random order; medians of these. */
export async function bench(effort: Effort): Promise<Row[]> {
  const seen = await measured(effort)
  const of = (what: PickCase, size: number): Seen => seen.get(keyOf(what, size))!
  const costs = wanted.flatMap((one) => sizes.map((size) => costRow(one, size, of)))
  const plain = wanted.filter(({ most, what }, i) => most && wanted.findIndex((w) => w.what === what) === i)
  return [
    ...costs,
    ...plain.map(({ what, name }) => flatRow(name, of(what, 10), of(what, 10_000))),
    ...plain.map(({ what, name }) => bytesRow(name, of(what, 10_000))),
  ]
}

async function measured({ quick, progress }: Effort): Promise<Map<string, Seen>> {
  const cases = [...new Set(wanted.flatMap(({ what, floor }) => [what, floor]))]
  const inputs = cases.flatMap((what) => sizes.map((size) => ({ what, size })))
  const all = new Map<string, Seen[]>()
  const rounds = quick ? 1 : 5
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, ${inputs.length} processes`)
    for (const input of shuffle([...inputs], systemRandom())) {
      const key = keyOf(input.what, input.size)
      all.set(key, [...(all.get(key) ?? []), await inProcess('pick', input)])
    }
  }
  return new Map([...all].map(([key, runs]) => [key, middle(runs)]))
}

function middle(runs: readonly Seen[]): Seen {
  return { ns: median(runs.map(({ ns }) => ns)), bytes: median(runs.map(({ bytes }) => bytes)) }
}

function costRow(
  { what, name, floor, most }: Wanted,
  size: number,
  of: (what: PickCase, size: number) => Seen,
): Row {
  const reference = { name: floors[floor]!, value: of(floor, size).ns, unit: 'ns' }
  const title = `${name}, ${size} instances`
  const ours = of(what, size).ns
  return most === undefined ? row(title, ours, reference) : rowAtMost(most, title, ours, reference)
}

function flatRow(name: string, few: Seen, many: Seen): Row {
  const reference = { name: 'floor: the same among 10', value: few.ns, unit: 'ns' } as const
  return rowAtMost(1.5, `${name}, among 10,000`, many.ns, reference)
}

/** The reference is 1 byte, so that the ratio is the number of bytes. */
function bytesRow(name: string, { bytes }: Seen): Row {
  const reference = { name: 'floor: one byte', value: 1, unit: 'B' } as const
  // What the collector itself moves shows as some bytes in a million calls.
  const target = { wanted: '0 B', seen: `${bytes.toFixed(3)} B`, met: bytes < 0.1 }
  return row(`${name}, garbage`, bytes, reference, target)
}

const keyOf = (what: PickCase, size: number): string => `${what} ${size}`
