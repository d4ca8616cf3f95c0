import type { Adapter, Lease } from './contract.js'
import { RollcallError, isRollcallError, messageOf } from './errors.js'

/** Replaces every secret in a text by `***`. */
export type Redact = (text: string) => string

/** A secret is looked for as it is, percent-encoded and in base64, as it may stand in a header or a URL. */
export function redactorOf(secrets: readonly string[]): Redact {
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .toSorted((a, b) => b.length - a.length)
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, '***'), text)
}

/**
 * The adapter with every error it throws made safe to show: one of ours, secrets replaced, and of the causes only
 * name, message, code and stack. A client's error may carry the whole request, tokens and all.
 */
export function withSafeErrors(adapter: Adapter, redact: Redact): Adapter {
  const safe = (error: unknown): RollcallError => safeError(adapter.name, error, redact)
  const leases = new WeakMap<Lease, Lease>()
  const safeLease = (lease: Lease): Lease => {
    const known = leases.get(lease)
    if (known) return known
    const { ttlMs, lost } = lease
    const made = { ttlMs, renew: throwing(safe, lease.renew.bind(lease)), ...(lost && { lost }) }
    leases.set(lease, made)
    return made
  }
  const { register, release, watchServices, close } = adapter
  return {
    name: adapter.name,
    capabilities: adapter.capabilities,
    watch: (service, signal) => safeIterable(safe, () => adapter.watch(service, signal)),
    ...(register && {
      register: throwing(safe, async (...args) => safeLease(await register.apply(adapter, args))),
    }),
    ...(release && { release: throwing(safe, release.bind(adapter)) }),
    ...(watchServices && {
      watchServices: (signal) => safeIterable(safe, () => watchServices.call(adapter, signal)),
    }),
    ...(close && { close: throwing(safe, close.bind(adapter)) }),
  }
}

/** One of our errors for whatever an adapter threw; what has no code of ours is UNAVAILABLE: a passing fault. */
export function safeError(adapterName: string, error: unknown, redact: Redact): RollcallError {
  const code = isRollcallError(error) ? error.code : 'UNAVAILABLE'
  const message = redact(isRollcallError(error) ? error.message : `${adapterName}: ${messageOf(error)}`)
  const cause = isRollcallError(error) ? error.cause : error
  return new RollcallError(code, message, cause === undefined ? {} : { cause: safeCause(cause, redact) })
}

// Deep enough for every client seen; a chain that bites its own tail ends here too.
const deepestCause = 5

function safeCause(cause: unknown, redact: Redact, depth = 1): unknown {
  if (!(cause instanceof Error)) return redact(messageOf(cause))
  const inner = cause.cause !== undefined && depth < deepestCause
  const clean = new Error(
    redact(messageOf(cause)),
    inner ? { cause: safeCause(cause.cause, redact, depth + 1) } : {},
  )
  clean.name = cause.name
  if (cause.stack !== undefined) clean.stack = redact(cause.stack)
  const { code } = cause as { code?: unknown }
  return typeof code === 'string' || typeof code === 'number' ? Object.assign(clean, { code }) : clean
}

function throwing<A extends unknown[], T>(
  safe: (error: unknown) => RollcallError,
  verb: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  return async (...args) => {
    try {
      return await verb(...args)
    } catch (error) {
      throw safe(error)
    }
  }
}

function safeIterable<T>(
  safe: (error: unknown) => RollcallError,
  open: () => AsyncIterable<T>,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      // Opened within `next`, so that an adapter that throws at once fails the pull and not its caller's stack.
      let inner: AsyncIterator<T> | undefined
      const next = throwing(safe, async () => (inner ??= open()[Symbol.asyncIterator]()).next())
      return {
        next,
        return: async () => (await inner?.return?.()) ?? { done: true, value: undefined as never },
      }
    },
  }
}
