import { checkUrl, parseUrl, type BackendUrl } from './backend-url.js'
import { systemClock } from './clock.js'
import { connectOptions, injectedOptions, parseInjected, type ConnectOptions } from './connect-options.js'
import type { Adapter } from './contract.js'
import { tcpProbe } from './discovery/tcp-probe.js'
import { Events } from './events.js'
import { findAdapter } from './find-adapter.js'
import { badOption, parseOptions, rejectUnknown, show, type OptionSpecs } from './options.js'
import { systemRandom } from './random.js'
import { redactorOf, safeError, withSafeErrors, type Redact } from './redact.js'
import type { Registry } from './registry.js'

export type { ConnectOptions } from './connect-options.js'

/**
 * Opens a registry: one backend, chosen by the URL's scheme. Loads its adapter and contacts nothing.
 *
 * Rejects with BAD_URL, UNKNOWN_SCHEME, ADAPTER_MISSING, UNKNOWN_OPTION and BAD_OPTION.
 *
 * @param url `memory:`, `local:`, `consul://host:8500`, `etcd://h1:2379,h2:2379/base` or
 *   `zookeeper://h1:2181,h2:2181/base`; `+tls` after the scheme for TLS, options after a `?`
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Registry> {
  if (typeof options !== 'object' || options === null)
    throw badOption('options', `is ${show(options)}`, 'give an object')
  const parsed = parseUrl(url)
  const given = { query: parsed.query, options: withoutUndefined(options) }
  const { adapters = [], clock = systemClock, random = systemRandom() } = parseInjected(given)
  const definition = await findAdapter(parsed.scheme, adapters)
  const target = checkUrl(parsed, definition.accepts)
  const ownSpecs = definition.options ?? {}
  rejectUnknown(given, connectOptions, injectedOptions, ownSpecs)
  const common = parseOptions(connectOptions, given)
  const own = parseOptions(ownSpecs, given)
  // Nine tenths of core hang on it: a program that only mentions us need not read them.
  const { Registry } = await import('./registry.js')
  const events = new Events(clock)
  const redact = redactorOf(secretsOf(target, ownSpecs, own))
  const warnings: string[] = []
  let warn = (message: string): void => void warnings.push(message)
  const context = { clock, random, ttlMs: common.ttlMs, warn: (message: string) => warn(redact(message)) }
  const adapter = openSafely(() => definition.open(target, own, context), parsed.scheme, redact)
  warn = (message) => events.emit('adapter.warning', { message })
  return new Registry({
    ...common,
    adapter: withSafeErrors(adapter, redact),
    supervision: { clock, random, backoff: { maxMs: common.retryMs, refusedMs: common.refusedRetryMs } },
    events,
    probe: tcpProbe(clock),
    url: target.shown,
    host: common.host,
    snapshotDir: common.snapshotDir,
    maxStaleMs: common.maxStaleMs ?? Infinity,
    defaultHost: definition.defaultHost,
    quietMs: common.quietMs ?? adapter.capabilities.quietMs,
    warnings,
  })
}

function openSafely(open: () => Adapter, name: string, redact: Redact): Adapter {
  try {
    return open()
  } catch (error) {
    throw safeError(name, error, redact)
  }
}

function secretsOf(url: BackendUrl, specs: OptionSpecs, values: Readonly<Record<string, unknown>>): string[] {
  const secret = Object.entries(specs).filter(([, spec]) => spec.type === 'string' && spec.secret)
  return [url.password, ...secret.map(([name]) => values[name])].filter((value) => typeof value === 'string')
}

function withoutUndefined(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
