/** Failures in a row before an endpoint is ejected (Envoy's default). A refused connection needs one. */
export const failuresToEject = 5

const baseMs = 30_000
const longestMs = 300_000
const healthyIntervalMs = 10_000

/** 30 s for the first ejection, 60 s for the second in a row and so on, at most 300 s (Envoy's defaults). */
export function ejectionMs(times: number): number {
  return Math.min(baseMs * times, longestMs)
}

/** Ejections in a row are forgotten one by one, for every 10 s in service. */
export function decayed(times: number, inServiceMs: number): number {
  return Math.max(0, times - Math.floor(inServiceMs / healthyIntervalMs))
}

/**
 * Whether one more of `pool` endpoints may be ejected on suspicion while `suspects` already are: at most half of
 * them, rounded down. So never the only one, one of two or three, two of four or five. Envoy's 10 % would
 * eject nobody in the small sets that most services are.
 */
export function mayEject(suspects: number, pool: number): boolean {
  return suspects + 1 <= Math.floor(pool / 2)
}
