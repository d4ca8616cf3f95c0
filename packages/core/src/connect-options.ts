import type { Clock } from './clock.js'
import type { AdapterDefinition } from './contract.js'
import { badOption, parseOptions, show, type GivenOptions, type OptionsOf } from './options.js'
import type { Random } from './random.js'

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

export const injectedOptions = {
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

/** What can't be written as text. */
interface Injected {
  adapters?: readonly AdapterDefinition[]
  clock?: Clock
  random?: Random
}

export function parseInjected(given: GivenOptions): Injected {
  const injected = parseOptions(injectedOptions, given)
  if (injected.adapters !== undefined && !areDefinitions(injected.adapters)) {
    throw badOption('adapters', `is ${show(injected.adapters)}`, 'give a list of adapter definitions')
  }
  if (injected.random !== undefined && typeof injected.random !== 'function') {
    throw badOption('random', `is ${show(injected.random)}`, 'give a function that yields 32-bit integers')
  }
  if (injected.clock !== undefined && typeof (injected.clock as Clock | null)?.after !== 'function') {
    throw badOption('clock', `is ${show(injected.clock)}`, 'give an object with now, wall and after')
  }
  return injected as Injected
}

function areDefinitions(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one: Partial<AdapterDefinition> | null | undefined) =>
        Array.isArray(one?.schemes) && typeof one.open === 'function',
    )
  )
}
