import { RollcallError, isRollcallError } from '../errors.js'
import { follower } from '../supervise/attempt.js'
import { keepWatching } from '../supervise/keep-watching.js'
import { Latest } from './latest.js'
import type { WatchTools } from './service-watch.js'

type NamesTools = Pick<WatchTools, 'adapter' | 'supervision' | 'events' | 'verbMs' | 'quietMs'>

/**
 * The names of all services: now, and after every change. Ends when `over` is aborted; rejects with the signal's
 * reason, and with MISCONFIGURED when the store refuses us before it told any.
 */
export async function* followServiceNames(
  { adapter, supervision, events, verbMs, quietMs }: NamesTools,
  over: AbortSignal,
  signal?: AbortSignal,
): AsyncGenerator<readonly string[], void> {
  if (!adapter.watchServices) {
    throw new RollcallError('UNSUPPORTED', `${adapter.name} can not list its services: name them yourself.`)
  }
  const latest = new Latest<readonly string[]>()
  const watching = follower(over)
  let refused: RollcallError | undefined
  const ended = keepWatching(supervision, watching.signal, {
    what: `${adapter.name}: the watch of services`,
    open: (own) => asObjects(adapter.watchServices!(own)),
    firstMs: verbMs,
    quietMs,
    onListing: ({ names }) => {
      if (names.join('\n') !== latest.value?.join('\n')) latest.set(names)
    },
    onFailure: (error, inMs) => {
      events.emit('watch.failed', { service: '*', error: error as RollcallError, inMs })
      if (latest.value || !isRollcallError(error, 'MISCONFIGURED')) return
      refused = error
      watching.end(error)
    },
  })
  void ended.then(() => latest.close())
  try {
    yield* latest.follow(signal)
    if (refused) throw refused
  } finally {
    watching.end(undefined)
  }
}

// A listing has fields and a list of names has none.
async function* asObjects(
  lists: AsyncIterable<readonly string[]>,
): AsyncGenerator<{ names: readonly string[]; askAgainMs?: number }> {
  for await (const names of lists) yield { names: Object.freeze(names.toSorted()) }
}
