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
  { what, open, firstMs, quietMs, onListing }: Watching<T>,
  succeeded: () => void,
): Promise<void> {
  const own = follower(signal)
  let iterator: AsyncIterator<T> | undefined
  const pull = (limitMs: number, late?: unknown): Promise<IteratorResult<T>> =>
    attempt({ clock, limitMs, signal: own.signal, what, late }, () => iterator!.next())
  try {
    iterator = open(own.signal)[Symbol.asyncIterator]()
    for (let result = await pull(firstMs); ;) {
      if (result.done) throw new RollcallError('UNAVAILABLE', `${what} ended`)
      succeeded()
      onListing(result.value)
      await sleep(clock, Math.max(pullGapMs, result.value.askAgainMs ?? 0), own.signal)
      // Our own mark, not the code TIMEOUT: an adapter's request that timed out is a failure like any other.
      result = await pull(quietMs * (1 + fraction(random) / 4), quiet)
    }
  } catch (error) {
    if (error !== quiet) throw error
  } finally {
    own.end(new RollcallError('CLOSED', `${what} is over`))
    letGo(iterator)
  }
}

/** Ends an iterator without waiting: behind a `next` that hangs, a generator's `return` hangs too. */
export function letGo(iterator: AsyncIterator<unknown> | undefined): void {
  const ending = async (): Promise<unknown> => iterator?.return?.()
  ending().catch(() => {})
}
