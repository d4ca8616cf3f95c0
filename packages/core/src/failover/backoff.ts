import { fraction, type Random } from '../random.js'

export interface Backoff {
  readonly backoffBaseMs: number
  readonly backoffMaxMs: number
}

/**
 * How long to wait before the n-th retry, n from 1: anywhere between nothing and a ceiling that doubles from the base to
 * the longest (full jitter; 25 ms to 250 ms by default, Envoy's numbers).
 */
export function backoffMs({ backoffBaseMs, backoffMaxMs }: Backoff, retry: number, random: Random): number {
  return fraction(random) * Math.min(backoffMaxMs, backoffBaseMs * 2 ** (retry - 1))
}
