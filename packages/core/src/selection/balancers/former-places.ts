import type { Endpoint } from '../endpoint.js'

/**
 * For each of `now` its place in `before`, -1 for a newcomer. One that came or went leaves a common head and tail, which
 * need no index; building one for 10,000 would cost more than all the rest.
 */
export function formerPlaces(before: readonly Endpoint[], now: readonly Endpoint[]): Int32Array {
  const former = new Int32Array(now.length).fill(-1)
  const shorter = Math.min(before.length, now.length)
  let head = 0
  while (head < shorter && before[head] === now[head]) former[head] = head++
  let tail = 0
  while (tail < shorter - head && before[before.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  for (let i = 1; i <= tail; i++) former[now.length - i] = before.length - i
  if (head + tail < shorter) lookUp(before, now, former, head, tail)
  return former
}

function lookUp(
  before: readonly Endpoint[],
  now: readonly Endpoint[],
  former: Int32Array,
  head: number,
  tail: number,
): void {
  const places = new Map<Endpoint, number>()
  for (let i = head; i < before.length - tail; i++) places.set(before[i]!, i)
  for (let i = head; i < now.length - tail; i++) former[i] = places.get(now[i]!) ?? -1
}
