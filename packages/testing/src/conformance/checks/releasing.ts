import type { Check } from '../check.js'

export const releasingChecks: readonly Check[] = [
  {
    rule: 'release removes one instance and leaves the others',
    needs: ['register'],
    async run(trial) {
      const service = trial.service()
      const [staying, leaving] = [
        trial.instance(service, { id: 'stay' }),
        trial.instance(service, { id: 'stay-not' }),
      ]
      await trial.register(staying)
      await trial.register(leaving)
      const watch = trial.follow(service, await trial.open())
      await trial.sees(watch, [staying, leaving])
      await trial.release(leaving)
      await trial.sees(watch, [staying])
    },
  },
  {
    rule: 'releasing what is already gone, or never was, is success',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.release(instance)
      await trial.register(instance)
      await trial.release(instance)
      await trial.release(instance)
      await trial.sees(trial.follow(instance.service), [])
    },
  },
  {
    rule: 'release needs no lease: another adapter can do it',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.register(instance)
      await trial.release(instance, await trial.open())
      await trial.sees(trial.follow(instance.service, await trial.open()), [])
    },
  },
  {
    rule: 'a renewal that comes after the release brings nothing back',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const lease = await trial.register(instance)
      await trial.release(instance)
      // It may fail or, where the lease is shared, succeed.
      await trial.promptly(
        'renew',
        lease.renew(AbortSignal.timeout(trial.verbMs)).catch(() => {}),
      )
      await trial.time.pass(200)
      await trial.sees(trial.follow(instance.service, await trial.open()), [])
    },
  },
  {
    rule: 'what was released can be registered again at once',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const watch = trial.follow(instance.service, await trial.open())
      for (let round = 0; round < 3; round++) {
        await trial.register(instance)
        await trial.sees(watch, [instance])
        await trial.release(instance)
      }
      await trial.sees(watch, [])
    },
  },
]
