import { systemRandom } from '@rollcall/core/adapter'
import { inProcess } from './in-process.js'
import type { PickOutput } from './pick-case.js'
import { pickWanted, references, type PickWanted } from './pick-wanted.js'
import { row, rowAtMost, type Effort, type Row } from './row.js'
import { median, middleBy, shuffle } from './statistics.js'

interface Input {
  readonly one: PickWanted
  readonly size: number
}

/** P1 to P4: every case in processes of its own, in random order; of these the one in the middle by its ratio. */
export async function bench(effort: Effort): Promise<Row[]> {
  const seen = await measured(effort)
  const all = [...seen]
  const flat = all.filter(([one, { size }]) => !isBesidePeer(one) && one.most && !one.grows && size > 1)
  return [
    ...all.flatMap(([one, outputs]) => [...outputs].map(([size, output]) => costRow(one, size, output))),
    ...flat.map(([one, outputs]) => flatRow(one, outputs)),
    ...all.flatMap(([one, outputs]) => bytesRows(one, [...outputs.values()].at(-1)!)),
  ]
}

type Outputs = Map<PickWanted, Map<number, PickOutput>>

async function measured({ quick, progress }: Effort): Promise<Outputs> {
  const inputs = pickWanted.flatMap((one) => sizesOf(one, quick).map((size) => ({ one, size })))
  const runs = new Map<Input, PickOutput[]>(inputs.map((input) => [input, []]))
  const rounds = quick ? 1 : 5
  for (let round = 1; round <= rounds; round++) {
    // A peer is far off: twice is enough to see how far.
    const due = inputs.filter(({ one }) => round <= 2 || !isBesidePeer(one))
    progress(`round ${round} of ${rounds}, ${due.length} cases`)
    const order = shuffle([...due], systemRandom())
    for (const batch of quick ? [order] : order.map((input) => [input])) {
      const outputs = await inProcess(
        'pick',
        batch.map(({ one: { what, beside }, size }) => ({ what, beside, size, quick })),
      )
      batch.forEach((input, i) => runs.get(input)!.push(outputs[i]!))
    }
  }
  const middle = (input: Input): PickOutput => {
    const outputs = runs.get(input)!
    const bytes = median(outputs.map((output) => output.bytes))
    return { ...middleBy(outputs, ({ ns, besideNs }) => ns / besideNs), bytes }
  }
  return new Map(
    pickWanted.map((one) => {
      const own = inputs.filter((input) => input.one === one)
      return [one, new Map(own.map((input) => [input.size, middle(input)]))]
    }),
  )
}

function sizesOf({ sizes = [10, 1_000, 10_000] }: PickWanted, quick: boolean): readonly number[] {
  return quick ? sizes.filter((size) => size <= 100) : sizes
}

function costRow({ name, beside, most }: PickWanted, size: number, { ns, besideNs }: PickOutput): Row {
  const reference = { name: references[beside]!, value: besideNs, unit: 'ns' }
  const title = `${name}, ${size} instances`
  const limit = typeof most === 'object' ? most[size] : most
  return limit === undefined ? row(title, ns, reference) : rowAtMost(limit, title, ns, reference)
}

/**
 * Both as multiples of their floors, since the core may have run at another speed by then, and what reads records at
 * random among many waits for memory as its floor does. The plain times' own ratio is told beside.
 */
function flatRow({ name }: PickWanted, outputs: ReadonlyMap<number, PickOutput>): Row {
  const times = ([, { ns, besideNs }]: readonly [number, PickOutput]): number => ns / besideNs
  const [few, many] = [[...outputs].at(0)!, [...outputs].at(-1)!]
  const reference = { name: `floor: the same among ${few[0]}`, value: times(few), unit: 'x' } as const
  const flat = rowAtMost(1.5, `${name}, among ${many[0]}`, times(many), reference)
  const { seen } = flat.target!
  const plain = (many[1].ns / few[1].ns).toFixed(2)
  return { ...flat, target: { ...flat.target!, seen: `${seen}, in ns x ${plain}` } }
}

/** Where the floor makes none the reference is 1 byte, so that the ratio is the number of bytes. */
function bytesRows(one: PickWanted, { bytes, besideBytes }: PickOutput): Row[] {
  const title = `${one.name}, garbage`
  const reference = { name: references[one.beside]!, value: besideBytes, unit: 'B' }
  if (isBesidePeer(one)) return besideBytes < 1 ? [] : [row(title, bytes, reference)]
  const floor = besideBytes < 1 ? { name: 'floor: one byte' as const, value: 1, unit: 'B' } : reference
  if (one.allocates || one.most === undefined) return [row(title, bytes, floor)]
  const wanted = besideBytes < 1 ? '0 B' : 'what the floor makes'
  // The least object takes 12 bytes: less than 1 is what the measuring itself leaves behind.
  const target = { wanted, seen: `${bytes.toFixed(3)} B`, met: bytes < besideBytes + 1 }
  return [row(title, bytes, floor, target)]
}

function isBesidePeer({ beside }: PickWanted): boolean {
  return references[beside]!.startsWith('peer')
}
