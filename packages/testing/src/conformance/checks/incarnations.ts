import type { Adapter, Instance, Lease } from '@rollcall/core/adapter'
import type { Check } from '../check.js'
import { incarnation, type Trial } from '../trial.js'

/** One id twice: an older process and its successor, each with an adapter of its own. */
async function twoStarts(trial: Trial): Promise<{ older: Instance; newer: Instance; successor: Adapter }> {
  const service = trial.service()
  const older = trial.instance(service, { incarnation: incarnation(1), port: 3001 })
  const newer = trial.instance(service, {
    incarnation: incarnation(2),
    port: 3002,
    registeredAt: 1_700_000_000_456,
  })
  return { older, newer, successor: await trial.open() }
}

/** The instance is listed, and still is when a lease that nobody renews is over. */
async function outlives(trial: Trial, instance: Instance, ghost: Lease): Promise<void> {
  const watch = trial.follow(instance.service, await trial.open())
  await trial.sees(watch, [instance])
  await trial.time.pass(2 * ghost.ttlMs + trial.adapter.capabilities.goneAfterMs)
  await trial.sees(watch, [instance])
}

export const incarnationChecks: readonly Check[] = [
  {
    rule: 'a newer incarnation takes over its id, and outlives the ghost of the older one',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const { older, newer, successor } = await twoStarts(trial)
      const ghost = await trial.register(older)
      const lease = await trial.register(newer, successor)
      await trial.whileKept(lease, () => outlives(trial, newer, ghost))
    },
  },
  {
    rule: 'an older incarnation that registers is told REPLACED, and changes nothing',
    needs: ['register'],
    async run(trial) {
      const { older, newer, successor } = await twoStarts(trial)
      await trial.register(newer, successor)
      const attempt = trial.adapter.register!(older, trial.ttlMs, AbortSignal.timeout(trial.verbMs))
      await trial.refused('registering the older one', 'REPLACED', attempt)
      await trial.sees(trial.follow(older.service), [newer])
    },
  },
  {
    rule: 'an older incarnation that was registered before is told REPLACED as well',
    needs: ['register'],
    async run(trial) {
      const { older, newer, successor } = await twoStarts(trial)
      await trial.register(older)
      await trial.register(newer, successor)
      const attempt = trial.adapter.register!(older, trial.ttlMs, AbortSignal.timeout(trial.verbMs))
      await trial.refused('registering the older one', 'REPLACED', attempt)
      await trial.sees(trial.follow(older.service), [newer])
    },
  },
  {
    rule: 'releasing an older incarnation does not remove the newer',
    needs: ['register'],
    async run(trial) {
      const { older, newer, successor } = await twoStarts(trial)
      await trial.register(older)
      await trial.register(newer, successor)
      await trial.release(older)
      await trial.release(older, successor)
      const watch = trial.follow(older.service, await trial.open())
      await trial.sees(watch, [newer])
      await trial.time.pass(200)
      await trial.sees(watch, [newer])
    },
  },
  {
    rule: 'the same incarnation may come back through another adapter, and outlives what it left behind',
    needs: ['register'],
    waitsForExpiry: true,
    async run(trial) {
      const instance = trial.instance(trial.service())
      const before = await trial.register(instance)
      const lease = await trial.register(instance, await trial.open())
      await trial.whileKept(lease, () => outlives(trial, instance, before))
    },
  },
  {
    rule: 'after the newer incarnation was released, its id is free again',
    needs: ['register'],
    async run(trial) {
      const { older, newer, successor } = await twoStarts(trial)
      await trial.register(newer, successor)
      await trial.release(newer, successor)
      const watch = trial.follow(older.service, await trial.open())
      await trial.sees(watch, [])
      await trial.register(older)
      await trial.sees(watch, [older])
    },
  },
]
