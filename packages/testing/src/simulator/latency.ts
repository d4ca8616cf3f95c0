import { badOption, fraction, show, type Random } from '@rollcall/core/adapter'
import { checkFields, checkNumber, unknownKind } from './check.js'

/**
 * How long a server works on a call, in milliseconds: a number for always the same; a distribution; or a function of
 * one's own, given a source of 32-bit integers.
 *
 * `lognormal` is the shape most servers' latencies have: half of them below the median, a long tail above.
 */
export type Latency =
  | number
  | { readonly kind: 'exponential'; readonly meanMs: number }
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly p99Ms: number }
  | ((random: Random) => number)

const kinds = ['exponential', 'lognormal']

/** The standard normal's 99th percentile. */
const normalP99 = 2.326347874

/** Checks a latency and gives the way to draw from it. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function drawerOf(path: string, latency: Latency): (random: Random) => number {
  if (typeof latency === 'function') return (random) => checkNumber(`${path}()`, latency(random), { min: 0 })
  if (typeof latency === 'number') {
    const ms = checkNumber(path, latency, { min: 0 })
    return () => ms
  }
  if (typeof latency !== 'object' || latency === null) {
    throw badOption(path, `is ${show(latency)}`, 'give milliseconds, a distribution or a function')
  }
  if (latency.kind === 'exponential') {
    checkFields(path, latency, ['kind', 'meanMs'])
    const meanMs = checkNumber(`${path}.meanMs`, latency.meanMs, { min: 0 })
    return (random) => -meanMs * Math.log(1 - fraction(random))
  }
  if (latency.kind === 'lognormal') return lognormal(path, latency)
  throw unknownKind(path, (latency as { kind: unknown }).kind, kinds)
}

function lognormal(
  path: string,
  latency: { readonly medianMs: number; readonly p99Ms: number },
): (random: Random) => number {
  checkFields(path, latency, ['kind', 'medianMs', 'p99Ms'])
  const medianMs = checkNumber(`${path}.medianMs`, latency.medianMs, { min: 0.001 })
  const p99Ms = checkNumber(`${path}.p99Ms`, latency.p99Ms, { min: medianMs })
  const sigma = Math.log(p99Ms / medianMs) / normalP99
  return (random) => medianMs * Math.exp(sigma * normal(random))
}

/** Box and Muller's (1958); the second of its pair is thrown away, to need no memory. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - fraction(random))) * Math.cos(2 * Math.PI * fraction(random))
}
