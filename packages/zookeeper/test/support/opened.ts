import {
  checkUrl,
  parseOptions,
  parseUrl,
  readInstance,
  systemClock,
  systemRandom,
  type Adapter,
  type Clock,
  type Instance,
  type InstanceRecord,
} from '@rollcall/core/adapter'
import { zookeeper } from '../../src/definition.js'

export interface OpenedWith {
  readonly ttlMs?: number
  readonly options?: Record<string, unknown>
  readonly clock?: Clock
}

/** The adapter as core opens it, without core's supervision. */
export function opened(
  url: string,
  { ttlMs = 4_000, options = {}, clock = systemClock }: OpenedWith = {},
): Required<Adapter> {
  const parsed = checkUrl(parseUrl(url), zookeeper.accepts)
  const given = parseOptions(zookeeper.options!, { query: parsed.query, options })
  const context = { clock, random: systemRandom(), ttlMs, warn: () => {} }
  return zookeeper.open(parsed, given, context) as Required<Adapter>
}

export function instance(fields: Partial<InstanceRecord> = {}): Instance {
  return readInstance({
    service: 'orders',
    id: 'orders-1',
    host: '10.0.0.1',
    port: 8080,
    incarnation: '0a',
    registeredAt: 1_700_000_000_000,
    ...fields,
  })
}

/** A signal of its own for each call. */
export function signal(withinMs = 15_000): AbortSignal {
  return AbortSignal.timeout(withinMs)
}
