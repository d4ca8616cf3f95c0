import type { Adapter, Lease } from './contract.js'
import { RollcallError, isRollcallError, messageOf } from './errors.js'
import { secretForms } from './secret-forms.js'

/** Replaces every secret in a text by `***`. */
export type Redact = (text: string) => string

export function redactorOf(secrets: readonly string[]): Redact {
  // The longest first: a short one may be part of it.
  const forms = [...new Set(secrets.flatMap(secretForms))].toSorted((a, b) => b.length - a.length)
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, '***'), text)
}

type Safe = (error: unknown) => RollcallError

/**
 * The adapter with every error it throws made safe to show: one of ours, secrets replaced, and of the causes only
 * name, message, code and stack. A client's error may carry the whole request, tokens and all.
 */
export function withSafeErrors(adapter: Adapter, redact: Redact): Adapter {
  const safe: Safe = (error) => safeError(adapter.name, error, redact)
  const leases = new WeakMap<Lease, Lease>()
  const safeLease = (lease: Lease): Lease => {
    // A lease shared by many must stay one object.
    const known = leases.get(lease) ?? leaseWithSafeErrors(lease, safe)
    leases.set(lease, known)
    return known
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
  // Anybody may have set them to anything.
  if (typeof cause.name === 'string') clean.name = redact(cause.name)
  if (typeof cause.stack === 'string') clean.stack = redact(cause.stack)
  const { code } = cause as { code?: unknown }
  if (typeof code === 'number') return Object.assign(clean, { code })
  return typeof code === 'string' ? Object.assign(clean, { code: redact(code) }) : clean
}

function leaseWithSafeErrors(lease: Lease, safe: Safe): Lease {
  let heard: AbortSignal | undefined
  let lost: AbortSignal | undefined
  return {
    get ttlMs() {
      return lease.ttlMs
    },
    renew: throwing(safe, (signal) => lease.renew(signal)),
    get lost() {
      // Looked at anew every time: a lease that was won back may have a new signal.
      if (lease.lost !== heard) {
        heard = lease.lost
        lost = heard && safeSignal(heard, safe)
      }
      return lost
    },
  }
}

function safeSignal(signal: AbortSignal, safe: Safe): AbortSignal {
  const own = new AbortController()
  const abort = (): void => own.abort(safe(signal.reason))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return own.signal
}

function throwing<A extends unknown[], T>(
  safe: Safe,
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

function safeIterable<T>(safe: Safe, open: () => AsyncIterable<T>): AsyncIterable<T> {
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
