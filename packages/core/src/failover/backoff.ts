import { fraction, type Random } from '../random.js'

const baseMs = 25
const longestMs = 250

/**
 * How long to wait before the n-th retry, n from 1: anywhere between nothing and a ceiling that doubles from
 * 25 ms to 250 ms (full jitter, Envoy's numbers).
 */
export function backoffMs(retry: number, random: Random): number {
  return fraction(random) * Math.min(longestMs, baseMs * 2 ** (retry - 1))
}
