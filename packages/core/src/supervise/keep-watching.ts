import { sleep } from '../clock.js'
import { RollcallError } from '../errors.js'
import { fraction } from '../random.js'
import { attempt, follower } from './attempt.js'
import { keepTrying, type Supervision } from './keep-trying.js'

export interface Watching<T> {
  /** For errors: `etcd: watch of orders`. */
  readonly what: string
  /** Opens one attempt. */
  open(signal: AbortSignal): AsyncIterable<T>
  /** Within this time an attempt must yield its first listing. */
  readonly firstMs: number
  /** A watch that yielded nothing for this long, and up to a quarter more, is taken for dead and replaced. */
  readonly quietMs: number
  onListing(listing: T): void
  /** The attempt failed; the next begins `inMs` from now. */
  onFailure(error: unknown, inMs: number): void
}

/** A watch is pulled, and never faster than this: a busy store can't flood its readers. */
const pullGapMs = 100

const quiet = Symbol('quiet')

/** Keeps one watch alive until the signal is aborted. */
export function keepWatching<T extends { readonly askAgainMs?: number }>(
  supervision: Supervision,
  signal: AbortSignal,
  watching: Watching<T>,
): Promise<void> {
  return keepTrying(
    supervision,
    signal,
    (succeeded) => follow(supervision, signal, watching, succeeded),
    watching.onFailure,
  )
}

/** One attempt: from opening until it throws, or until it has been quiet for too long. */
async function follow<T extends { readonly askAgainMs?: number }>(
  { clock, random }: Supervision,
  signal: AbortSignal,
  watching: Watching<T>,
  succeeded: () => void,
): Promise<void> {
  const own = follower(signal)
  const iterator = watching.open(own.signal)[Symbol.asyncIterator]()
  const pull = (limitMs: number): Promise<IteratorResult<T>> =>
    attempt({ clock, limitMs, signal: own.signal, what: watching.what }, () => iterator.next())
  try {
    let result = await pull(watching.firstMs)
    for (;;) {
      if (result.done) throw new RollcallError('UNAVAILABLE', `${watching.what} ended`)
      succeeded()
      watching.onListing(result.value)
      await sleep(clock, Math.max(pullGapMs, result.value.askAgainMs ?? 0), own.signal)
      const next = await pull(watching.quietMs * (1 + fraction(random) / 4)).catch(quietOrThrow)
      if (next === quiet) return
      result = next
    }
  } finally {
    own.end(new RollcallError('CLOSED', `${watching.what} is over`))
    // Never awaited: behind a `next` that hangs, a generator's `return` hangs too.
    Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

function quietOrThrow(error: unknown): typeof quiet {
  if (error instanceof RollcallError && error.code === 'TIMEOUT') return quiet
  throw error
}
