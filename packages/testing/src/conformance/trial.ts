import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import {
  isRollcallError,
  messageOf,
  readInstance,
  type Adapter,
  type Instance,
  type InstanceRecord,
  type Lease,
  type Listing,
} from '@rollcall/core/adapter'
import { setDifferences } from './compare.js'
import { Follower } from './follower.js'
import type { Harness } from './harness.js'
import { keepRenewed } from './keeper.js'
import { late, movedTime, realTime, type Passage } from './passage.js'
import { must, RuleBroken, show } from './rule-broken.js'

const stepMs = 20
/** The contract's limit for hearing an abort. */
export const abortMs = 100

/** One run of one check: names that nobody else uses, adapters and watches that end with it, and patience. */
export class Trial {
  readonly harness: Harness
  readonly time: Passage
  readonly ttlMs: number
  readonly seenWithinMs: number
  readonly verbMs: number
  readonly adapter: Adapter
  readonly #mark = randomBytes(4).toString('hex')
  readonly #abort = new AbortController()
  readonly #adapters: Adapter[]
  readonly #followers: Follower<unknown>[] = []

  static async begin(harness: Harness, ttlMs: number): Promise<Trial> {
    return new Trial(harness, ttlMs, await harness.open(ttlMs))
  }

  private constructor(harness: Harness, ttlMs: number, adapter: Adapter) {
    this.harness = harness
    this.adapter = adapter
    this.#adapters = [adapter]
    this.time = harness.clock ? movedTime(harness.clock) : realTime
    this.ttlMs = ttlMs
    this.seenWithinMs = harness.seenWithinMs ?? 5_000
    this.verbMs = harness.verbMs ?? 5_000
    // A check may have a hundred verbs under way, all with this signal: no leak that Node should warn of.
    setMaxListeners(0, this.#abort.signal)
  }

  /** Another adapter on the same store, as another process would have. */
  async open(): Promise<Adapter> {
    this.#abort.signal.throwIfAborted()
    const adapter = await this.harness.open(this.ttlMs)
    this.#adapters.push(adapter)
    return adapter
  }

  /** A service that no other check and no other run of the suite uses; the mark is in the middle. */
  service(before = 'orders', after = ''): string {
    return `${before}-${this.#mark}${after}`
  }

  instance(service: string, fields: Partial<InstanceRecord> = {}): Instance {
    return readInstance({
      service,
      id: 'one',
      host: '127.0.0.1',
      port: 3000,
      incarnation: incarnation(1),
      registeredAt: 1_700_000_000_123,
      ...fields,
    })
  }

  async register(instance: Instance, adapter: Adapter = this.adapter): Promise<Lease> {
    const signal = this.#abort.signal
    return this.promptly(`register of ${instance.id}`, adapter.register!(instance, this.ttlMs, signal))
  }

  async release(instance: Instance, adapter: Adapter = this.adapter): Promise<void> {
    await this.promptly(`release of ${instance.id}`, adapter.release!(instance, this.#abort.signal))
  }

  async renew(lease: Lease): Promise<void> {
    await this.promptly('renew', lease.renew(this.#abort.signal))
  }

  follow(service: string, adapter: Adapter = this.adapter): Follower<Listing> {
    return this.#followed(new Follower(this.time.clock, (signal) => adapter.watch(service, signal)))
  }

  followServices(adapter: Adapter = this.adapter): Follower<readonly string[]> {
    return this.#followed(new Follower(this.time.clock, (signal) => adapter.watchServices!(signal)))
  }

  /** The first listing of a watch of its own. */
  async read(service: string, adapter: Adapter = this.adapter): Promise<Listing> {
    const abort = new AbortController()
    try {
      const first = adapter.watch(service, abort.signal)[Symbol.asyncIterator]().next()
      const { done, value } = await this.promptly(`the first listing of ${service}`, first)
      must(!done, `the watch of ${service} returned without a listing`)
      return value
    } finally {
      abort.abort(new Error('the suite has read enough'))
    }
  }

  /** The result of a verb; RuleBroken when it takes longer than `ms`. */
  async promptly<T>(what: string, promise: Promise<T>, ms: number = this.verbMs): Promise<T> {
    const result = await this.time.within(promise, ms)
    must(result !== late, `${what} gave no answer within ${ms} ms`)
    return result
  }

  /** What the promise rejects with; RuleBroken when it resolves, or takes longer than `ms`. */
  async rejection(what: string, promise: Promise<unknown>, ms: number = this.verbMs): Promise<unknown> {
    const failed = promise.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    const result = await this.promptly(what, failed, ms)
    if ('error' in result) return result.error
    throw new RuleBroken(`${what} resolved with ${show(result.value)} and should have rejected`)
  }

  /** Expects a rejection with the code. */
  async refused(what: string, code: 'LEASE_LOST' | 'REPLACED', promise: Promise<unknown>): Promise<void> {
    const error = await this.rejection(what, promise)
    must(isRollcallError(error, code), `${what} should reject with ${code} and rejects with ${show(error)}`)
  }

  /** Waits until `holds`; RuleBroken with the detail when it does not within the time a change may take. */
  async eventually(
    detail: () => string,
    holds: () => unknown,
    withinMs: number = this.seenWithinMs,
  ): Promise<void> {
    const end = this.time.clock.now() + withinMs
    while (!holds()) {
      if (this.time.clock.now() >= end) throw new RuleBroken(`${detail()} (after ${withinMs} ms)`)
      await this.time.pass(stepMs)
    }
  }

  /** Waits until the watch's latest listing is exactly this set. */
  async sees(follower: Follower<Listing>, expected: readonly Instance[], withinMs?: number): Promise<void> {
    const problems = (): string[] => {
      if (follower.over) throw new RuleBroken(`the watch ended: ${show(follower.error ?? 'it returned')}`)
      if (!follower.latest) return ['the watch has listed nothing yet']
      return setDifferences(expected, follower.latest.instances, this.adapter.capabilities)
    }
    await this.eventually(
      () => problems().join('; '),
      () => problems().length === 0,
      withinMs,
    )
  }

  /** Does `work` while the lease is renewed beside it. */
  async whileKept<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
    const over = new AbortController()
    const renewals = keepRenewed(lease, this.time.clock, this.verbMs, over.signal)
    const working = work()
    try {
      return await Promise.race([working, renewals])
    } catch (error) {
      // Nothing of this check may reach into the next one.
      this.#abort.abort(error)
      await Promise.allSettled([working])
      throw error
    } finally {
      over.abort(new Error('the lease is kept no longer'))
    }
  }

  /** What core does after a fault: the same again until it works, within the time a change may take. */
  async again<T>(what: string, work: () => Promise<T>): Promise<T> {
    const end = this.time.clock.now() + Math.max(this.seenWithinMs, 2 * this.verbMs)
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (this.time.clock.now() >= end)
          throw new RuleBroken(`${what} still fails: ${messageOf(error)}`, { cause: error })
        await this.time.pass(5 * stepMs)
      }
    }
  }

  /** Ends everything the check left open, however it came out. */
  async end(): Promise<void> {
    for (const follower of this.#followers) follower.stop()
    this.#abort.abort(new Error('the check is over'))
    const closing = this.#adapters.map(async (adapter) => adapter.close?.(AbortSignal.timeout(1_000)))
    await this.time.within(Promise.allSettled(closing), 1_500)
  }

  #followed<T>(follower: Follower<T>): Follower<T> {
    this.#followers.push(follower)
    if (this.#abort.signal.aborted) follower.stop()
    return follower
  }
}

/** The n-th start of an instance, written as core writes it; n below 10. */
export function incarnation(n: number): string {
  return `${(1_700_000_000_000 + n).toString(36).padStart(9, '0')}-0000000${n}`
}
