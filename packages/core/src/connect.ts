import { checkUrl, parseUrl, type BackendUrl } from './backend-url.js'
import { systemClock, type Clock } from './clock.js'
import type { AdapterDefinition } from './contract.js'
import { tcpProbe } from './discovery/tcp-probe.js'
import { RollcallError } from './errors.js'
import { Events } from './events.js'
import { parseOptions, rejectUnknown, type OptionSpecs, type OptionsOf } from './options.js'
import { systemRandom, type Random } from './random.js'
import { redactorOf, withSafeErrors } from './redact.js'
import { Registry } from './registry.js'

/** The options that every backend has, each of which can stand in the URL too. */
export const connectOptions = {
  ttlMs: {
    type: 'number',
    integer: true,
    min: 500,
    max: 86_400_000,
    default: 15_000,
    about:
      'how long an instance stays listed after its last heartbeat; all announcements of a registry share it',
  },
  host: { type: 'string', about: 'the host to announce, where an announcement names none' },
  maxStaleMs: {
    type: 'number',
    min: 0,
    max: 9_007_199_254_740_991,
    about: 'a set that the store has not confirmed for this long is dropped; by default it is used for ever',
  },
  snapshotDir: {
    type: 'string',
    about: 'a folder for the last set of each service, for a start while the store is down',
  },
  verbMs: {
    type: 'number',
    min: 50,
    max: 600_000,
    default: 5_000,
    about: 'the limit of one attempt at anything asked of the store',
  },
  quietMs: {
    type: 'number',
    min: 50,
    max: 86_400_000,
    about:
      'a watch silent for this long, and up to a quarter more, is replaced; the default is the backend’s',
  },
  retryMs: {
    type: 'number',
    min: 1,
    max: 3_600_000,
    default: 5_000,
    about: 'the longest wait before the next attempt after a passing fault',
  },
  refusedRetryMs: {
    type: 'number',
    min: 1,
    max: 3_600_000,
    default: 30_000,
    about: 'the usual wait before the next attempt after a refused token or certificate',
  },
  verifyMs: {
    type: 'number',
    min: 100,
    max: 86_400_000,
    default: 30_000,
    about: 'how often an announced service is read back, when no view of it is open',
  },
} as const

const injected = {
  adapters: { type: 'value', about: 'adapters of your own' },
  clock: { type: 'value', about: 'time' },
  random: { type: 'value', about: 'chance' },
} as const

/** Options of `connect`: those that every backend has, and the backend's own. */
export interface ConnectOptions extends Partial<{
  -readonly [K in keyof OptionsOf<typeof connectOptions>]: OptionsOf<typeof connectOptions>[K]
}> {
  /** Adapters that are not found by themselves, or are to be used instead of those that are. */
  adapters?: readonly AdapterDefinition[]
  /** Time; the system's by default. */
  clock?: Clock
  /** Chance, as 32-bit integers; seeded by the system by default. */
  random?: Random
  /** The adapter's own options; a name that it does not know is an error. */
  [adapterOption: string]: unknown
}

/** The adapters found by themselves. Literal imports, so that bundlers see them; each handles its own absence. */
const adapters: Readonly<Record<string, () => Promise<AdapterDefinition>>> = {
  memory: () => import('./embedded/memory.js').then(({ memory }) => memory as AdapterDefinition),
  local: () => import('./embedded/local.js').then(({ local }) => local as AdapterDefinition),
  consul: () => import('@rollcall/consul').catch(missing('@rollcall/consul')).then(({ consul }) => consul),
  etcd: () => import('@rollcall/etcd').catch(missing('@rollcall/etcd')).then(({ etcd }) => etcd),
  zookeeper: () =>
    import('@rollcall/zookeeper').catch(missing('@rollcall/zookeeper')).then(({ zookeeper }) => zookeeper),
}

/**
 * Opens a registry: one backend, chosen by the URL's scheme. Loads its adapter and contacts nothing.
 *
 * Rejects with BAD_URL, UNKNOWN_SCHEME, ADAPTER_MISSING, UNKNOWN_OPTION and BAD_OPTION.
 *
 * @param url `memory:`, `local:`, `consul://host:8500`, `etcd://h1:2379,h2:2379/base` or
 *   `zookeeper://h1:2181,h2:2181/base`; `+tls` after the scheme for TLS, options after a `?`
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Registry> {
  const parsed = parseUrl(url)
  const definition = await findAdapter(parsed.scheme, options.adapters ?? [])
  const target = checkUrl(parsed, definition.accepts)
  const ownSpecs = definition.options ?? {}
  const given = { query: parsed.query, options: withoutUndefined(options) }
  rejectUnknown(given, connectOptions, injected, ownSpecs)
  const common = parseOptions(connectOptions, given)
  const own = parseOptions(ownSpecs, given)
  const clock = options.clock ?? systemClock
  const random = options.random ?? systemRandom()
  const events = new Events(clock)
  const redact = redactorOf(secretsOf(target, ownSpecs, own))
  const adapter = definition.open(target, own, {
    clock,
    random,
    ttlMs: common.ttlMs,
    warn: (message) => events.emit('adapter.warning', { message: redact(message) }),
  })
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
  })
}

async function findAdapter(scheme: string, given: readonly AdapterDefinition[]): Promise<AdapterDefinition> {
  const own = given.find(({ schemes }) => schemes.includes(scheme))
  if (own) return own
  const load = Object.hasOwn(adapters, scheme) ? adapters[scheme] : undefined
  if (load) return load()
  const known = [...new Set([...Object.keys(adapters), ...given.flatMap(({ schemes }) => schemes)])].join(
    ', ',
  )
  throw new RollcallError(
    'UNKNOWN_SCHEME',
    `No adapter serves ${scheme}: use one of ${known}, or pass your own in the option adapters.`,
  )
}

function missing(name: string): (error: unknown) => never {
  return (error) => {
    const { code, message = '' } = error as NodeJS.ErrnoException
    // The adapter itself is missing, not something that it imports.
    const absent = code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`)
    if (!absent && code !== 'MODULE_NOT_FOUND') throw error
    throw new RollcallError('ADAPTER_MISSING', `This backend's adapter is not installed: npm install ${name}`)
  }
}

function secretsOf(url: BackendUrl, specs: OptionSpecs, values: Readonly<Record<string, unknown>>): string[] {
  const secret = Object.entries(specs).filter(([, spec]) => spec.type === 'string' && spec.secret)
  return [url.password, ...secret.map(([name]) => values[name])].filter((value) => typeof value === 'string')
}

function withoutUndefined(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
