import type { IKeyValue, IWatchResponse, WatchClient } from 'etcd3'
import { Bell } from './bell.js'
import { keysUnder } from './key-range.js'

export type WatchStream = Awaited<ReturnType<WatchClient['watch']>>

/** Receives every change of what is observed, as it happens. */
export interface Observer {
  put(key: string, value: string): void
  remove(key: string): void
}

/**
 * Follows all keys under a prefix from `revision` on. Every change reaches the observer when it arrives; the revision
 * is yielded once for all that came since the last pull, and when the server confirms that nothing did. Throws when
 * the stream ends, whatever the reason.
 */
export async function* follow(
  stream: WatchStream,
  { prefix, revision }: { readonly prefix: string; readonly revision: string },
  observer: Observer,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const bell = new Bell()
  let latest = revision
  stream.on('data', (response: IWatchResponse) => {
    try {
      if (take(response, revision, observer)) bell.ring()
      latest = response.header.revision
    } catch (error) {
      bell.fail(error)
    }
  })
  stream.on('error', (error: unknown) => bell.fail(error))
  stream.on('end', () => bell.fail(new Error('etcd ended the watch')))
  signal.addEventListener('abort', () => bell.fail(signal.reason), { once: true })
  const start_revision = `${BigInt(revision) + 1n}`
  stream.write({
    create_request: { ...keysUnder(prefix), start_revision, progress_notify: true, fragment: true },
  })
  while (true) {
    await bell.heard()
    yield latest
  }
}

/** Hands on what the response tells; false when that is nothing, or not all of it yet. */
function take(response: IWatchResponse, from: string, observer: Observer): boolean {
  if (response.canceled) throw new Error(`etcd cancelled the watch: ${cancelReason(response)}`)
  // A store wiped since the listing is at a lower revision, and a watch beyond it would wait for ever.
  if (BigInt(response.header.revision) < BigInt(from)) {
    throw new Error(`etcd is at revision ${response.header.revision}, and was at ${from} a moment ago`)
  }
  for (const { type, kv } of response.events) {
    if (type === 'Delete') observer.remove(textOf(kv.key))
    else put(kv, observer)
  }
  return !response.created && !response.fragment
}

export function put({ key, value }: IKeyValue, observer: Observer): void {
  observer.put(textOf(key), textOf(value))
}

function cancelReason({ compact_revision, cancel_reason }: IWatchResponse): string {
  return compact_revision === '0' ? cancel_reason || 'no reason given' : `compacted up to ${compact_revision}`
}

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8')
}
