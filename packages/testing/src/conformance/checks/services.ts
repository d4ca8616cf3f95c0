import type { Check } from '../check.js'
import { must, show } from '../rule-broken.js'

export const serviceChecks: readonly Check[] = [
  {
    rule: 'watchServices tells the names at once, then after every change',
    needs: ['register', 'watchServices'],
    async run(trial) {
      const [first, second] = [trial.service('billing'), trial.service('billing', '-v2')]
      const names = trial.followServices(await trial.open())
      await trial.eventually(
        () => `it told nothing; ${show(names.error ?? 'no error')}`,
        () => names.latest,
      )
      const told = (...expected: string[]): Promise<void> =>
        trial.eventually(
          () =>
            `expected ${expected.join(', ') || 'none of ours'}, told ${show(names.latest)}, ${show(names.error ?? 'no error')}`,
          () => [first, second].every((name) => names.latest?.includes(name) === expected.includes(name)),
        )
      await told()
      await trial.register(trial.instance(first))
      await told(first)
      await trial.register(trial.instance(second))
      await told(first, second)
      must(new Set(names.latest).size === names.latest?.length, `a name is told twice: ${show(names.latest)}`)
      await trial.release(trial.instance(first))
      await told(second)
    },
  },
  {
    rule: 'watchServices tells a service whose only instance is down',
    needs: ['register', 'watchServices', 'status'],
    async run(trial) {
      const instance = trial.instance(trial.service('billing'), { status: 'down' })
      await trial.register(instance)
      const names = trial.followServices(await trial.open())
      await trial.eventually(
        () => `${instance.service} is missing in ${show(names.latest)}, ${show(names.error ?? 'no error')}`,
        () => names.latest?.includes(instance.service),
      )
    },
  },
]
