import { withFields, type Lease } from '@rollcall/core/adapter'
import type { Check } from '../check.js'
import type { Follower } from '../follower.js'
import type { Listing } from '@rollcall/core/adapter'
import { must } from '../rule-broken.js'
import type { Trial } from '../trial.js'

/** A timer may fire this much before its time. */
const timerSlackMs = 10

/** Waits until the instance is no more listed; a lapsed one is not. */
async function gone(trial: Trial, watch: Follower<Listing>, lease: Lease): Promise<void> {
  const { goneAfterMs } = trial.adapter.capabilities
  await trial.sees(watch, [], lease.ttlMs + goneAfterMs + trial.seenWithinMs)
}

export const leaseChecks: readonly Check[] = [
  {
    rule: 'an instance that is not renewed stays for its TTL, and is gone goneAfterMs later',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const instance = trial.instance(trial.service())
      const watch = trial.follow(instance.service, await trial.open())
      await trial.sees(watch, [])
      const { clock } = trial.time
      const sentAt = clock.now()
      const lease = await trial.register(instance)
      const grantedAt = clock.now()
      await trial.sees(watch, [instance])
      // Polled finely: the moment counts.
      const { goneAfterMs } = trial.adapter.capabilities
      const latest = grantedAt + lease.ttlMs + goneAfterMs
      while (watch.latest?.instances.length !== 0 && clock.now() < latest + trial.seenWithinMs)
        await trial.time.pass(5)
      const listedMs = Math.round(clock.now() - sentAt)
      must(listedMs + timerSlackMs >= lease.ttlMs, `it was gone after ${listedMs} ms of ${lease.ttlMs}`)
      const lateBy = Math.round(clock.now() - latest)
      must(
        lateBy <= propagationMs(trial),
        `it was listed ${lateBy} ms beyond its TTL of ${lease.ttlMs} and ${goneAfterMs}`,
      )
    },
  },
  {
    rule: 'an instance that is renewed stays, beyond twice its TTL',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const instance = trial.instance(trial.service())
      const lease = await trial.register(instance)
      await trial.whileKept(lease, async () => {
        const watch = trial.follow(instance.service, await trial.open())
        await trial.sees(watch, [instance])
        await trial.time.pass(2.5 * lease.ttlMs)
        must(
          watch.seen.every(({ instances }) => instances.length === 1),
          'it was absent for a while',
        )
        await trial.sees(watch, [instance])
      })
    },
  },
  {
    rule: 'an update lives on under the lease that it was given, when the one before has run out',
    needs: ['register', 'update'],
    waitsForExpiry: true,
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.register(instance)
      const updated = withFields(instance, { version: '2' })
      const lease = await trial.register(updated)
      await trial.whileKept(lease, async () => {
        await trial.time.pass(2.5 * lease.ttlMs)
        await trial.sees(trial.follow(instance.service, await trial.open()), [updated])
      })
    },
  },
  {
    // Consul goes on keeping a check that ran out, and its next heartbeat revives it: as good as registering again.
    rule: 'renewing a lease that ran out lists its instance again or says LEASE_LOST, and registering again works',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const instance = trial.instance(trial.service())
      const watch = trial.follow(instance.service, await trial.open())
      const lease = await trial.register(instance)
      await trial.sees(watch, [instance])
      await gone(trial, watch, lease)
      const error = await lease.renew(AbortSignal.timeout(trial.verbMs)).then(
        () => undefined,
        (thrown: Error) => thrown,
      )
      if (error === undefined) await trial.sees(watch, [instance])
      else await trial.refused('renewing it', 'LEASE_LOST', Promise.reject(error))
      const again = await trial.register(instance)
      await trial.whileKept(again, async () => {
        await trial.sees(watch, [instance])
        await trial.time.pass(2 * again.ttlMs)
        await trial.sees(watch, [instance])
      })
    },
  },
  {
    rule: 'of two instances only the one that is renewed stays',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const service = trial.service()
      const [kept, dropped] = [
        trial.instance(service, { id: 'kept' }),
        trial.instance(service, { id: 'dropped' }),
      ]
      const lease = await trial.register(kept)
      await trial.whileKept(lease, async () => {
        // Under an adapter of its own: a shared lease would keep both.
        await trial.register(dropped, await trial.open())
        const watch = trial.follow(service, await trial.open())
        const { goneAfterMs } = trial.adapter.capabilities
        await trial.time.pass(2 * lease.ttlMs + goneAfterMs + propagationMs(trial))
        await trial.sees(watch, [kept])
      })
    },
  },
  {
    rule: 'a signal that is aborted after its verb has succeeded undoes nothing',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const instance = trial.instance(trial.service())
      const attempt = new AbortController()
      const lease = await trial.promptly(
        'register',
        trial.adapter.register!(instance, trial.ttlMs, attempt.signal),
      )
      attempt.abort(new Error('the attempt is over'))
      const renew = async (): Promise<void> => {
        const beat = new AbortController()
        await lease.renew(beat.signal)
        beat.abort(new Error('the beat is over'))
      }
      await trial.whileKept({ ttlMs: lease.ttlMs, renew }, async () => {
        await trial.time.pass(2 * lease.ttlMs)
        await trial.sees(trial.follow(instance.service, await trial.open()), [instance])
      })
    },
  },
]

/** How long a change that has happened in the store may take to be seen, at most. */
function propagationMs(trial: Trial): number {
  return Math.min(1_000, trial.seenWithinMs)
}
