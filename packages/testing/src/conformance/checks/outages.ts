import type { Lease } from '@rollcall/core/adapter'
import { isRollcallError } from '@rollcall/core/adapter'
import type { Check } from '../check.js'
import type { Harness } from '../harness.js'
import { must, RuleBroken, show } from '../rule-broken.js'
import type { Trial } from '../trial.js'

const lacksCutOff = ({ outage }: Harness): string | undefined =>
  outage?.cutOff ? undefined : 'the harness gives no outage.cutOff'

const lacksFreeze = ({ outage }: Harness): string | undefined =>
  outage?.freeze ? undefined : 'the harness gives no outage.freeze'

const lacksRestart =
  (data: 'kept' | 'lost') =>
  ({ outage }: Harness): string | undefined => {
    if (!outage?.restart) return 'the harness gives no outage.restart'
    return (outage.restartData ?? ['kept', 'lost']).includes(data)
      ? undefined
      : `the store can't restart with its data ${data}`
  }

async function during(fault: { begin(): unknown; end(): unknown }, work: () => Promise<void>): Promise<void> {
  await fault.begin()
  try {
    await work()
  } finally {
    await fault.end()
  }
}

/** Whether the store still knows the lease, asked until it answers. */
function stillKnown(trial: Trial, lease: Lease): Promise<boolean> {
  return trial.again('renew', async () => {
    try {
      await trial.renew(lease)
      return true
    } catch (error) {
      if (isRollcallError(error, 'LEASE_LOST')) return false
      throw error
    }
  })
}

export const outageChecks: readonly Check[] = [
  {
    rule: 'an outage makes a watch throw or fall silent, and never yield a smaller set',
    lacks: lacksCutOff,
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.register(instance)
      const reader = await trial.open()
      const watch = trial.follow(instance.service, reader)
      await trial.sees(watch, [instance])
      await during(trial.harness.outage!.cutOff!, async () => {
        const late = trial.follow(instance.service, reader)
        await trial.time.pass(1_000)
        must(late.seen.length === 0, `a watch opened meanwhile listed ${show(late.latest)}`)
      })
      must(watch.latest?.instances.length === 1, `the open watch listed ${show(watch.latest)}`)
      await trial.again('a new watch', async () => {
        const { instances } = await trial.read(instance.service, reader)
        if (instances.length !== 1) throw new RuleBroken(`after the outage it listed ${show(instances)}`)
      })
    },
  },
  {
    rule: 'while the store is cut off, writing rejects and never seems to work',
    lacks: lacksCutOff,
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const lease = await trial.register(instance)
      await during(trial.harness.outage!.cutOff!, async () => {
        const verbs: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
          register: (signal) => trial.adapter.register!(instance, trial.ttlMs, signal),
          release: (signal) => trial.adapter.release!(instance, signal),
          renew: (signal) => lease.renew(signal),
        }
        for (const [name, verb] of Object.entries(verbs)) {
          const limit = new AbortController()
          const running = verb(limit.signal)
          running.catch(() => {})
          await trial.time.pass(1_000)
          limit.abort(new Error('the attempt took too long'))
          const error = await trial.rejection(name, running)
          must(
            !isRollcallError(error, 'LEASE_LOST'),
            `${name} says LEASE_LOST, which only the store can know`,
          )
          must(
            !isRollcallError(error, 'MISCONFIGURED'),
            `${name} says MISCONFIGURED, and would be tried seldom`,
          )
        }
      })
    },
  },
  {
    rule: 'after a freeze an adapter works on, without being opened anew',
    lacks: lacksFreeze,
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.register(instance)
      await during(trial.harness.outage!.freeze!, () => trial.time.pass(1_000))
      const version = trial.instance(instance.service, { version: '2' })
      await trial.again('register', () => trial.register(version))
      await trial.again('a new watch', () => trial.sees(trial.follow(instance.service), [version], 1_000))
    },
  },
  {
    rule: 'after a restart with its data, a lease is either kept or LEASE_LOST, and the adapter works on',
    lacks: lacksRestart('kept'),
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const lease = await trial.register(instance)
      await trial.harness.outage!.restart!('kept')
      if (!(await stillKnown(trial, lease))) await trial.again('register', () => trial.register(instance))
      await trial.again('a new watch', () => trial.sees(trial.follow(instance.service), [instance], 1_000))
    },
  },
  {
    rule: 'after a restart without data, a lease is LEASE_LOST, a new watch lists the empty set, and registering works',
    lacks: lacksRestart('lost'),
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const lease = await trial.register(instance)
      await trial.harness.outage!.restart!('lost')
      must(!(await stillKnown(trial, lease)), 'renewing succeeds although the store has lost the instance')
      await trial.again('a new watch', () => trial.sees(trial.follow(instance.service), [], 1_000))
      await trial.again('register', () => trial.register(instance))
      await trial.again('a new watch', () => trial.sees(trial.follow(instance.service), [instance], 1_000))
    },
  },
]
