import { xorshift32, type Instance } from '@rollcall/core/adapter'
import { aliasTable, drawn } from './alias-table.js'

/** What a process learns of one instance, kept beside it: an outcome must find it again. */
interface Learned {
  readonly instance: Instance
  inFlight: number
  averageMs: number
  averagedAt: number
}

export function leastRequest(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', learnedOf(set)]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    const a = oneOf(list, random)
    const b = oneOf(list, random)
    return (b.inFlight < a.inFlight ? b : a).instance
  }
}

export function peakEwma(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', learnedOf(set)]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    return cheaper(oneOf(list, random), oneOf(list, random)).instance
  }
}

const decayMs = 10_000

/** A pick, a reading of the clock, the call, another reading, the average. */
export function peakEwmaCycle(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', learnedOf(set)]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    const chosen = cheaper(oneOf(list, random), oneOf(list, random))
    chosen.inFlight++
    const start = performance.now()
    const now = performance.now()
    chosen.inFlight--
    average(chosen, now - start, now)
    return chosen
  }
}

/** Takes turns and counts what is under way, without a clock. */
export function countedTurns(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', learnedOf(set)]])
  let next = 0
  return () => {
    const list = services.get('orders')!
    if (next >= list.length) next = 0
    const chosen = list[next++]!
    chosen.inFlight++
    chosen.inFlight--
    return chosen
  }
}

/** Draws two of a slice of the set by how much of each lies in it, and takes the one with less to do for that. */
export function aperture(peer: number, peers: number): (set: readonly Instance[]) => () => unknown {
  return (set) => {
    const slice = sliceOf(set, (peer / peers) * set.length, (1 / peers) * set.length)
    const services = new Map([['orders', { ...slice, ...aliasTable(slice.widths) }]])
    const random = xorshift32(1)
    return () => {
      const { records, widths, share, other } = services.get('orders')!
      const a = drawn(random, share, other)
      const b = drawn(random, share, other)
      return records[records[b]!.inFlight * widths[a]! < records[a]!.inFlight * widths[b]! ? b : a]!.instance
    }
  }
}

function sliceOf(
  set: readonly Instance[],
  start: number,
  wanted: number,
): { records: Learned[]; widths: number[] } {
  const width = Math.min(set.length, wanted * Math.ceil(12 / wanted))
  const overlap = (i: number): number => Math.min(i + 1, start + width) - Math.max(i, start)
  const touched = set.flatMap((_, i) => {
    const length = Math.max(0, overlap(i)) + Math.max(0, overlap(i + set.length))
    return length > 0 ? [{ i, length }] : []
  })
  return {
    records: learnedOf(touched.map(({ i }) => set[i]!)),
    widths: touched.map(({ length }) => length),
  }
}

function oneOf(list: readonly Learned[], random: () => number): Learned {
  return list[Math.floor(((random() >>> 0) / 2 ** 32) * list.length)]!
}

function learnedOf(set: readonly Instance[]): Learned[] {
  return set.map((instance, i) => ({ instance, inFlight: 0, averageMs: 1 + (i % 7) / 7, averagedAt: 0 }))
}

function cheaper(a: Learned, b: Learned): Learned {
  return b.averageMs * (b.inFlight + 1) < a.averageMs * (a.inFlight + 1) ? b : a
}

function average(learned: Learned, ms: number, now: number): void {
  if (ms >= learned.averageMs) learned.averageMs = ms
  else {
    const kept = Math.exp((learned.averagedAt - now) / decayMs)
    learned.averageMs = learned.averageMs * kept + ms * (1 - kept)
  }
  learned.averagedAt = now
}
