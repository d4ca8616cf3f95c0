import { systemRandom } from '@rollcall/core/adapter'
import { inProcess } from './in-process.js'
import type { PickCase, PickOutput } from './pick-case.js'
import { row, rowAtMost, type Effort, type Reference, type Row } from './row.js'
import { middleBy, shuffle } from './statistics.js'

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

/** P1 and P4: every case in processes of its own, in random order; of these the one in the middle by its ratio. */
export async function bench(effort: Effort): Promise<Row[]> {
  const seen = await measured(effort)
  const of = (one: Wanted, size: number): PickOutput => seen.get(keyOf(one, size))!
  const aimed = wanted.filter(({ most }) => most !== undefined)
  return [
    ...wanted.flatMap((one) => sizes.map((size) => costRow(one, size, of(one, size)))),
    ...aimed.map((one) => flatRow(one, of(one, 10), of(one, 10_000))),
    ...aimed.map((one) => bytesRow(one, of(one, 10_000))),
  ]
}

async function measured({ quick, progress }: Effort): Promise<Map<string, PickOutput>> {
  const inputs = wanted.flatMap((one) => sizes.map((size) => ({ one, size })))
  const all = new Map<string, PickOutput[]>()
  const rounds = quick ? 1 : 5
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, ${inputs.length} processes`)
    for (const { one, size } of shuffle([...inputs], systemRandom())) {
      const key = keyOf(one, size)
      const output = await inProcess('pick', { what: one.what, floor: one.floor, size })
      all.set(key, [...(all.get(key) ?? []), output])
    }
  }
  return new Map([...all].map(([key, runs]) => [key, middleBy(runs, ({ ns, floorNs }) => ns / floorNs)]))
}

function costRow({ name, floor, most }: Wanted, size: number, { ns, floorNs }: PickOutput): Row {
  const reference = { name: floors[floor]!, value: floorNs, unit: 'ns' }
  const title = `${name}, ${size} instances`
  return most === undefined ? row(title, ns, reference) : rowAtMost(most, title, ns, reference)
}

/** Both as multiples of their floors, since the core may have run at another speed by then. */
function flatRow({ name }: Wanted, few: PickOutput, many: PickOutput): Row {
  const times = ({ ns, floorNs }: PickOutput): number => ns / floorNs
  const reference = { name: 'floor: the same among 10', value: times(few), unit: 'x' } as const
  return rowAtMost(1.5, `${name}, among 10,000`, times(many), reference)
}

/** The reference is 1 byte, so that the ratio is the number of bytes. */
function bytesRow({ name }: Wanted, { bytes }: PickOutput): Row {
  const reference = { name: 'floor: one byte', value: 1, unit: 'B' } as const
  // The least object takes 12 bytes: less than 1 is what the measuring itself leaves behind.
  const target = { wanted: '0 B', seen: `${bytes.toFixed(3)} B`, met: bytes < 1 }
  return row(`${name}, garbage`, bytes, reference, target)
}

const keyOf = ({ what, floor }: Wanted, size: number): string => `${what} ${floor} ${size}`
