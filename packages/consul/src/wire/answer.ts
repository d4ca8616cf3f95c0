import { RollcallError } from '@rollcall/core/adapter'
import type { WireAnswer } from './send.js'
import { unusable } from './failure.js'

/** Returns the answer if it is a success. */
export function expectOk(answer: WireAnswer): WireAnswer {
  if (answer.status === 429) throw unusable(answer, 'has too many connections or requests from this address')
  if (answer.status < 200 || answer.status > 299) throw unusable(answer)
  return answer
}

/** The body as a list. Throws MISCONFIGURED or UNAVAILABLE for an empty one that proves nothing. */
export function jsonList(answer: WireAnswer): readonly unknown[] {
  const value = parse(answer)
  if (!Array.isArray(value)) throw unusable(answer, 'its body is no list')
  if (value.length === 0) throwIfUnproven(answer)
  return value
}

export function jsonObject(answer: WireAnswer): Readonly<Record<string, unknown>> {
  const value = parse(answer)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unusable(answer, 'its body is no object')
  return value as Record<string, unknown>
}

/** The state that an answer describes. */
export function indexOf(answer: WireAnswer): number {
  const header = answer.headers['x-consul-index']
  const index = Number(header)
  if (header === undefined || !Number.isSafeInteger(index)) {
    throw unusable(answer, 'it has no X-Consul-Index: is it Consul, and does a proxy drop headers?')
  }
  return index
}

/** What to wait for next: 0, which is a read at once, when the index ran backwards, as after a restore. */
export function nextIndex(before: number, now: number): number {
  // 0 would be answered at once, for ever.
  const next = Math.max(now, 1)
  return next < before ? 0 : next
}

function throwIfUnproven(answer: WireAnswer): void {
  if (answer.headers['x-consul-knownleader'] === 'false') throw unusable(answer, 'it knows no leader')
  // Since Consul 1.12; before, a read without rights can't be told from an empty service.
  if (answer.headers['x-consul-results-filtered-by-acls'] === 'true') {
    throw new RollcallError(
      'MISCONFIGURED',
      `Consul keeps the answer to ${answer.request.method} ${answer.request.path} from us: give option token one with service:read and node:read.`,
    )
  }
}

function parse(answer: WireAnswer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch {
    throw unusable(answer, 'its body is no JSON')
  }
}
