import { do_not_optimize, measure } from 'mitata'
import { pickWays, type PickWay } from './pick-ways.js'
import { median } from './statistics.js'

export interface PickInput {
  readonly what: PickWay
  readonly beside: PickWay
  readonly size: number
  readonly quick: boolean
}

/** Nanoseconds and bytes of one pick, ours and the one beside it. */
export interface PickOutput {
  readonly ns: number
  readonly besideNs: number
  readonly bytes: number
  readonly besideBytes: number
}

/** Several in one process only where it does not matter how fast they are. */
export async function run(inputs: readonly PickInput[]): Promise<PickOutput[]> {
  const outputs: PickOutput[] = []
  for (const input of inputs) outputs.push(await compare(input))
  return outputs
}

/**
 * One way of picking, by the package as users get it, and its reference. The two share no code and are measured in
 * turn, 15 ms each; of these the quickest counts, since other work on the machine only ever adds, up to twice the time.
 */
async function compare({ what, beside, size, quick }: PickInput): Promise<PickOutput> {
  const ours = caller(await pickWays[what](size))
  const theirs = caller(await pickWays[beside](size))
  const effort = quick ? short : long
  const { turns, turnMs, warmMs } = effort
  // The first pick sifts and builds tables: what follows it is the question, and mitata batches only what is quick.
  warm(ours, warmMs)
  warm(theirs, warmMs)
  let [ns, besideNs] = [Infinity, Infinity]
  for (let turn = 0; turn < turns; turn++) {
    besideNs = Math.min(besideNs, await nanos(theirs, turnMs))
    ns = Math.min(ns, await nanos(ours, turnMs))
  }
  return { ns, besideNs, bytes: bytesPer(ours, ns, effort), besideBytes: bytesPer(theirs, besideNs, effort) }
}

const long = { turns: 7, turnMs: 15, warmMs: 250, calls: 200_000, counts: 7 }
const short = { turns: 1, turnMs: 2, warmMs: 20, calls: 20_000, counts: 1 }

async function nanos(once: () => void, turnMs: number): Promise<number> {
  const { p50 } = await measure(once, { min_cpu_time: turnMs * 1e6 })
  return p50
}

/** A function of its own for each: one that had called both would be compiled for neither. */
function caller(pick: () => unknown): () => void {
  return new Function('pick', 'keep', 'return () => keep(pick())')(pick, do_not_optimize) as () => void
}

/** Long enough for the compiler, and no longer than that for what walks through 10,000. */
function warm(once: () => void, ms: number): void {
  const end = performance.now() + ms
  for (let i = 0; i < 100_000 && (i % 100 > 0 || performance.now() < end); i++) once()
}

/** The counting itself leaves some 4 kB behind: of many calls that is little. */
function bytesPer(
  once: () => void,
  ns: number,
  { calls, counts }: { calls: number; counts: number },
): number {
  const few = countBytes(once, callsWithin(ns, 4_000), counts)
  return few < 4 ? countBytes(once, callsWithin(ns, calls), counts) : few
}

const callsWithin = (ns: number, most: number): number => Math.max(50, Math.min(most, Math.floor(100e6 / ns)))

/**
 * The median of some counts. So few calls each that the young generation holds their garbage: were it collected in
 * between, it would be missing from the count.
 */
function countBytes(once: () => void, calls: number, counts: number): number {
  const { gc } = globalThis as { gc?: () => void }
  if (!gc) throw new Error('bytes can be counted only with --expose-gc')
  const seen = Array.from({ length: counts }, () => {
    gc()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < calls; i++) once()
    return (process.memoryUsage().heapUsed - before) / calls
  })
  return Math.max(0, median(seen))
}
