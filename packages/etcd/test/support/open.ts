import {
  checkUrl,
  parseOptions,
  parseUrl,
  readInstance,
  systemClock,
  systemRandom,
  type Adapter,
  type Instance,
  type InstanceRecord,
} from '@rollcall/core/adapter'
import { etcd } from '../../src/etcd.js'

export type EtcdAdapter = Required<Adapter>

/** Opens the adapter as core does, without core's supervision. */
export function openEtcd(
  url: string,
  options: Record<string, unknown> = {},
  warnings: string[] = [],
): EtcdAdapter {
  const parsed = checkUrl(parseUrl(url), etcd.accepts)
  const given = parseOptions(etcd.options!, { query: parsed.query, options })
  const context = {
    clock: systemClock,
    random: systemRandom(),
    ttlMs: 15_000,
    warn: (message: string) => void warnings.push(message),
  }
  return etcd.open(parsed, given, context) as EtcdAdapter
}

export function instanceOf(fields: Partial<InstanceRecord> = {}): Instance {
  const base = { service: 'orders', id: 'a', host: '10.0.0.1', port: 8080, incarnation: '00000000b-1' }
  return readInstance({ ...base, ...fields })
}

/** A signal for what takes no time by itself: should it hang, it fails before the test's own limit and says where. */
export function within(ms = 8_000): AbortSignal {
  return AbortSignal.timeout(ms)
}
