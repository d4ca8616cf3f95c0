import type { Check } from '../check.js'
import { must, show } from '../rule-broken.js'

const booleans = [
  'register',
  'update',
  'watchServices',
  'weights',
  'metadata',
  'status',
  'sharedLease',
] as const
const numbers = ['minTtlMs', 'maxTtlMs', 'ttlStepMs', 'goneAfterMs', 'quietMs'] as const

export const capabilityChecks: readonly Check[] = [
  {
    rule: 'capabilities are complete and sane',
    async run({ adapter: { name, capabilities } }) {
      must(typeof name === 'string' && name !== '', `name is ${show(name)}`)
      for (const key of booleans)
        must(typeof capabilities[key] === 'boolean', `${key} is ${show(capabilities[key])}`)
      for (const key of numbers) {
        const value = capabilities[key]
        must(typeof value === 'number' && value >= 0, `${key} is ${show(value)}`)
      }
      const { minTtlMs, maxTtlMs, ttlStepMs, goneAfterMs, quietMs } = capabilities
      must(minTtlMs <= maxTtlMs, `minTtlMs is ${minTtlMs}, above maxTtlMs, ${maxTtlMs}`)
      must(ttlStepMs >= 1, `ttlStepMs is ${ttlStepMs}`)
      must(
        Number.isFinite(goneAfterMs),
        `goneAfterMs is ${goneAfterMs}: who stops renewing would be listed for ever`,
      )
      must(quietMs > 0, `quietMs is ${quietMs}`)
    },
  },
  {
    rule: 'verbs are there when capabilities say so, and not otherwise',
    async run({ adapter }) {
      const { register, update, watchServices } = adapter.capabilities
      const has = (verb: 'register' | 'release' | 'watchServices'): boolean =>
        typeof adapter[verb] === 'function'
      must(
        has('register') === register,
        `register is ${register} and the verb is ${has('register') ? '' : 'not '}there`,
      )
      must(
        has('release') === register,
        `register is ${register} and release is ${has('release') ? '' : 'not '}there`,
      )
      must(
        has('watchServices') === watchServices,
        `watchServices is ${watchServices} and the verb is ${has('watchServices') ? '' : 'not '}there`,
      )
      must(register || !update, 'update is true although register is false')
    },
  },
  {
    rule: 'a lease says what was granted: as asked, or within what capabilities promise',
    needs: ['register'],
    async run(trial) {
      const { minTtlMs, maxTtlMs, ttlStepMs } = trial.adapter.capabilities
      const { ttlMs } = await trial.register(trial.instance(trial.service()))
      must(Number.isFinite(ttlMs), `ttlMs is ${show(ttlMs)}`)
      must(ttlMs >= minTtlMs && ttlMs <= maxTtlMs, `${ttlMs} is not from ${minTtlMs} to ${maxTtlMs}`)
      const wanted = Math.min(Math.max(trial.ttlMs, minTtlMs), maxTtlMs)
      must(
        Math.abs(ttlMs - wanted) < Math.max(ttlStepMs, 1),
        `${trial.ttlMs} was asked for and ${ttlMs} granted`,
      )
    },
  },
  {
    rule: 'instances share one Lease object exactly when sharedLease says so',
    needs: ['register'],
    async run(trial) {
      const service = trial.service()
      const first = await trial.register(trial.instance(service))
      const second = await trial.register(trial.instance(service, { id: 'two' }))
      const { sharedLease } = trial.adapter.capabilities
      must(
        (first === second) === sharedLease,
        `sharedLease is ${sharedLease}, and two leases are ${first === second ? 'one object' : 'two'}`,
      )
    },
  },
]
