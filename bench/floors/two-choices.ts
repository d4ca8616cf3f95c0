import { xorshift32, type Instance } from '@rollcall/core/adapter'

/** What a process learns of one instance, kept beside it: an outcome must find it again. */
interface Learned {
  readonly instance: Instance
  inFlight: number
  averageMs: number
  averagedAt: number
}

export function leastRequest(set: readonly Instance[]): () => unknown {
  const draw = drawer(set)
  return () => {
    const [a, b] = [draw(), draw()]
    return (b.inFlight < a.inFlight ? b : a).instance
  }
}

export function peakEwma(set: readonly Instance[]): () => unknown {
  const draw = drawer(set)
  return () => cheaper(draw(), draw()).instance
}

const decayMs = 10_000

/** A pick, a reading of the clock, the call, another reading, the average. */
export function peakEwmaCycle(set: readonly Instance[]): () => unknown {
  const draw = drawer(set)
  return () => {
    const chosen = cheaper(draw(), draw())
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

/** Draws from some few of them, always the same. */
export function aperture(size: number): (set: readonly Instance[]) => () => unknown {
  return (set) => leastRequest(set.slice(0, size))
}

function drawer(set: readonly Instance[]): () => Learned {
  const services = new Map([['orders', learnedOf(set)]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    return list[Math.floor(((random() >>> 0) / 2 ** 32) * list.length)]!
  }
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
