import { do_not_optimize, measure } from 'mitata'
import { systemClock } from '../packages/core/src/clock.js'
import { readInstance, type Instance } from '../packages/core/src/instance.js'
import { xorshift32, type Random } from '../packages/core/src/random.js'
import { AliasTable } from '../packages/core/src/selection/balancers/alias-table.js'
import type { BalancerName } from '../packages/core/src/selection/balancers/balancer.js'
import { Candidates } from '../packages/core/src/selection/candidates.js'
import type { Endpoint } from '../packages/core/src/selection/endpoint.js'
import { reconcile } from '../packages/core/src/selection/reconcile.js'
import { Selector } from '../packages/core/src/selection/selector.js'
import { row, type Row } from './row.js'

const sizes = [10, 1_000, 10_000]
const rounds = 5

/** P1: what a pick costs; P8: what a change costs. Medians of rounds in random order, floors in the same rounds. */
export async function bench(): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of sizes) rows.push(...(await pickRows(size)))
  rows.push(...(await changeRows(10_000)))
  rows.push(...bytesRows(1_000))
  return rows
}

async function pickRows(size: number): Promise<Row[]> {
  const set = instances(size, () => 1)
  const skewed = instances(size, (i) => 1 + (i % 7))
  const counterFloor = { name: 'floor: Map.get and a counter', run: mapAndCounter(set) }
  const aliasFloor = { name: 'floor: Map.get and an alias table', run: mapAndAlias(skewed) }
  const cases = [
    { name: 'pick round-robin', floor: counterFloor, run: picker(set, 'round-robin') },
    { name: 'pick random', floor: counterFloor, run: picker(set, 'random') },
    { name: 'pick weighted (equal weights)', floor: counterFloor, run: picker(set, 'weighted') },
    { name: 'pick weighted-random', floor: aliasFloor, run: picker(skewed, 'weighted-random') },
    { name: 'acquire and done', floor: counterFloor, run: cycler(set) },
  ]
  const nanos = await timed([counterFloor, aliasFloor, ...cases])
  return cases.map(({ name, floor }) =>
    row(`${name}, ${size} instances`, nanos.get(name)!, {
      name: floor.name as 'floor: ',
      value: nanos.get(floor.name)!,
      unit: 'ns',
    }),
  )
}

async function changeRows(size: number): Promise<Row[]> {
  const make = (): Instance[] => instances(size, () => 1)
  const none: ReadonlySet<string> = new Set()
  const before = reconcile([], make(), none)
  const [again, oneGone, oneNew] = [
    make(),
    make().toSpliced(size >> 1, 1),
    make().toSpliced(size >> 1, 0, instance(size, 1)),
  ]
  const shuffled = shuffle(make(), xorshift32(9))
  const counting = { name: 'floor: a counting pass', run: () => count(before, again) }
  const countingShuffled = { name: 'floor: a counting pass, other order', run: () => count(before, shuffled) }
  const copying = { name: 'floor: copying the array without one', run: () => before.toSpliced(size >> 1, 1) }
  const cases = [
    { name: 'diff, same order', floor: counting, run: () => reconcile(before, again, none) },
    { name: 'diff, one gone', floor: counting, run: () => reconcile(before, oneGone, none) },
    { name: 'diff, one new', floor: counting, run: () => reconcile(before, oneNew, none) },
    { name: 'diff, other order', floor: countingShuffled, run: () => reconcile(before, shuffled, none) },
    { name: 'one of them ejected', floor: copying, run: ejector(reconcile([], make(), none)) },
  ]
  const nanos = await timed([counting, countingShuffled, copying, ...cases])
  return cases.map(({ name, floor }) =>
    row(`${name}, ${size} instances`, nanos.get(name)! / 1000, {
      name: floor.name as 'floor: ',
      value: nanos.get(floor.name)! / 1000,
      unit: 'us',
    }),
  )
}

/** P1 asks for 0 bytes per pick; the reference is 1 byte, so that the ratio is the number of bytes. */
function bytesRows(size: number): Row[] {
  const set = instances(size, (i) => 1 + (i % 7))
  return (['round-robin', 'random', 'weighted-random'] as const).map((name) =>
    row(`bytes per pick ${name}`, bytesPer(picker(set, name)), {
      name: 'floor: one byte',
      value: 1,
      unit: 'bytes',
    }),
  )
}

function bytesPer(run: () => unknown): number {
  const calls = 5_000_000
  for (let i = 0; i < calls; i++) run()
  ;(globalThis as { gc?: () => void }).gc?.()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < calls; i++) run()
  return Math.max(0, process.memoryUsage().heapUsed - before) / calls
}

interface Case {
  readonly name: string
  readonly run: () => unknown
}

/** The median of each case in ns. mitata batches what is quicker than reading the clock. */
async function timed(cases: readonly Case[]): Promise<Map<string, number>> {
  const random = xorshift32(Date.now() | 0)
  const seen = new Map<string, number[]>(cases.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of shuffle([...cases], random)) {
      const stats = await measure(() => do_not_optimize(run()), { min_cpu_time: 100e6 })
      seen.get(name)!.push(stats.p50)
    }
  }
  return new Map([...seen].map(([name, values]) => [name, median(values)]))
}

function picker(set: readonly Instance[], balancer: BalancerName): () => unknown {
  const selector = selectorOf(set, balancer)
  return () => selector.pick()
}

function cycler(set: readonly Instance[]): () => unknown {
  const selector = selectorOf(set, 'round-robin')
  return () => selector.acquire()!.done('ok')
}

function selectorOf(set: readonly Instance[], balancer: BalancerName): Selector {
  const selector = new Selector({ clock: systemClock, random: xorshift32(1), balancer })
  selector.update(set)
  return selector
}

/** From an ejection to the new candidates. Every time it is another one; the one before returns. */
function ejector(endpoints: readonly Endpoint[]): () => unknown {
  const candidates = new Candidates(systemClock)
  candidates.replace(endpoints)
  let last = endpoints[0]!
  let next = 0
  return () => {
    last.giveBack(0)
    last = endpoints[(next += 7919) % endpoints.length]!
    last.eject('refused', 1e9)
    candidates.reconsider()
    return candidates.current()
  }
}

function mapAndCounter(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', set]])
  let next = 0
  return () => {
    const list = services.get('orders')!
    if (next >= list.length) next = 0
    return list[next++]
  }
}

function mapAndAlias(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, table: new AliasTable(set.map(({ weight }) => weight)) }]])
  const random = xorshift32(1)
  return () => {
    const { set: list, table } = services.get('orders')!
    return list[table.at((random() >>> 0) / 2 ** 32)]
  }
}

/** What any diff must do at least: index the one set and look the other up. */
function count(before: readonly Endpoint[], after: readonly Instance[]): number {
  const ids = new Map<string, Endpoint>()
  for (const endpoint of before) ids.set(endpoint.instance.id, endpoint)
  let kept = 0
  for (const { id } of after) if (ids.has(id)) kept++
  return kept
}

function instances(size: number, weight: (i: number) => number): Instance[] {
  return Array.from({ length: size }, (_, i) => instance(i, weight(i)))
}

function instance(i: number, weight: number): Instance {
  return readInstance({
    service: 'orders',
    // As a parser makes them: no two strings are the same object.
    id: Buffer.from(`orders-${i}`).toString(),
    host: Buffer.from(`10.0.${i >> 8}.${i & 255}`).toString(),
    port: 3000,
    incarnation: Buffer.from(`l0000000-${i}`).toString(),
    weight,
  })
}

function shuffle<T>(list: T[], random: Random): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = (random() >>> 0) % (i + 1)
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
  return list
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
