import type { KVClient } from 'etcd3'
import type { Token } from './token.js'

export type CallOptions = NonNullable<Parameters<KVClient['range']>[1]>
type Interceptor = NonNullable<CallOptions['interceptors']>[number]
type NextCall = Parameters<Interceptor>[1]
type InterceptingCall = ReturnType<Interceptor>

/** What one call to etcd needs beside its request. */
export interface CallNeeds {
  readonly signal: AbortSignal
  /** Without one the call lasts until somebody ends it: a watch. */
  readonly timeoutMs?: number
  readonly token?: { readonly text: string; readonly from: Token }
}

/**
 * The client has promises and neither signals nor a token of one's own: both come in by an interceptor, which holds
 * the call underneath.
 */
export function callOptions(needs: CallNeeds): CallOptions {
  const { timeoutMs } = needs
  return {
    interceptors: [(options, nextCall) => prepare(nextCall(options), needs)],
    ...(timeoutMs !== undefined && { deadline: Date.now() + timeoutMs }),
  }
}

// The client takes CANCELLED for a failure of the host and closes all its channels; this status it lets pass.
const failedPrecondition: Parameters<InterceptingCall['cancelWithStatus']>[0] = 9

function prepare(call: ReturnType<NextCall>, { signal, token }: CallNeeds): InterceptingCall {
  const cancel = (): void => call.cancelWithStatus(failedPrecondition, 'cancelled by its caller')
  const start = call.start.bind(call)
  call.start = (shared, listener) => {
    const metadata = shared.clone()
    // Without it a member cut off from its quorum keeps a watch open, and mute.
    metadata.set('hasleader', 'true')
    if (token?.text) metadata.set('token', token.text)
    start(metadata, {
      ...listener,
      onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
      onReceiveMessage: (message) => listener?.onReceiveMessage?.(message),
      onReceiveStatus(status) {
        signal.removeEventListener('abort', cancel)
        const isRefused = token !== undefined && token.from.isRefusal(status.details)
        if (isRefused) token.from.forget(token.text)
        // Told that a token is invalid, the client would repeat the call at once, for ever.
        listener?.onReceiveStatus?.(isRefused ? { ...status, details: refused } : status)
      },
    })
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
  }
  return call as InterceptingCall
}

const refused = 'etcd took our token no more'

/** Whether a call failed for its token alone: with a new one it may be made again. */
export function isTokenRefused(error: unknown): boolean {
  return error instanceof Error && error.message.includes(refused)
}

/** As the promise, but rejects with the signal's reason as soon as it is aborted. */
export async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let onAbort: (() => void) | undefined
  // A signal of its own: Node warns of more than ten listeners, and many may wait for one lease with one signal.
  const own = AbortSignal.any([signal])
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(own.reason as Error)
    if (own.aborted) onAbort()
    else own.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    own.removeEventListener('abort', onAbort!)
  }
}
