import { withFields } from '@rollcall/core/adapter'
import type { Check } from '../check.js'
import { must, show } from '../rule-broken.js'

export const watchingChecks: readonly Check[] = [
  {
    rule: 'a watch yields the current set at once, even if it is empty',
    async run(trial) {
      const listing = await trial.read(trial.service())
      must(
        Array.isArray(listing.instances) && listing.instances.length === 0,
        `it listed ${show(listing.instances)}`,
      )
      must(Array.isArray(listing.skipped), `skipped is ${show(listing.skipped)}`)
    },
  },
  {
    rule: 'a watch yields the current set at once: what was there before it',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.register(instance)
      const reader = await trial.open()
      await trial.sees(trial.follow(instance.service, reader), [instance])
      const ids = (await trial.read(instance.service, reader)).instances.map(({ id }) => id)
      must(ids.length === 1, `the first listing of a new watch has ${show(ids)}`)
    },
  },
  {
    rule: 'a watch yields again after every change: an instance comes and goes',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const watch = trial.follow(instance.service, await trial.open())
      await trial.sees(watch, [])
      await trial.register(instance)
      await trial.sees(watch, [instance])
      await trial.release(instance)
      await trial.sees(watch, [])
    },
  },
  {
    rule: 'a watch yields again after every change: an instance is updated',
    needs: ['register', 'update'],
    async run(trial) {
      const instance = trial.instance(trial.service(), {
        version: '1',
        zone: 'a',
        tags: ['x'],
        metadata: { k: 'v' },
      })
      const watch = trial.follow(instance.service, await trial.open())
      await trial.register(instance)
      await trial.sees(watch, [instance])
      const updates = [
        { weight: 7 },
        { status: 'draining' },
        { metadata: { k: 'w' } },
        { tags: ['y', 'z'] },
        { zone: 'b' },
      ]
      for (const fields of [...updates, { version: '2', host: '127.0.0.2', port: 3001, scheme: 'https' }]) {
        const updated = withFields(instance, fields)
        await trial.register(updated)
        await trial.sees(watch, [updated])
      }
    },
  },
  {
    rule: 'every watch of a service is told, on one adapter and on others',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const other = await trial.open()
      const adapters = [trial.adapter, trial.adapter, trial.adapter, other, other]
      const watches = adapters.map((adapter) => trial.follow(instance.service, adapter))
      for (const watch of watches) await trial.sees(watch, [])
      await trial.register(instance)
      for (const watch of watches) await trial.sees(watch, [instance])
    },
  },
  {
    rule: 'a watch that ends takes no other with it',
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const reader = await trial.open()
      const [ending, staying] = [
        trial.follow(instance.service, reader),
        trial.follow(instance.service, reader),
      ]
      await trial.sees(ending, [])
      await trial.sees(staying, [])
      ending.stop()
      await trial.register(instance)
      await trial.sees(staying, [instance])
    },
  },
  {
    rule: 'between pulls a watch keeps the latest set, never a queue',
    needs: ['register'],
    async run(trial) {
      const service = trial.service()
      const reader = await trial.open()
      const pulled = reader.watch(service, new AbortController().signal)[Symbol.asyncIterator]()
      await trial.promptly('the first listing', pulled.next())
      const instances = ['a', 'b', 'c', 'd', 'e'].map((id) => trial.instance(service, { id }))
      for (const instance of instances) await trial.register(instance)
      await trial.sees(trial.follow(service, reader), instances)
      await trial.time.pass(200)
      const { value } = await trial.promptly('the second listing', pulled.next(), trial.seenWithinMs)
      must(
        value?.instances.length === 5,
        `five changes later the next pull gave ${value?.instances.length} of 5 instances`,
      )
    },
  },
  {
    rule: 'records that cannot be read are skipped with their key and the reason, and the others are listed',
    lacks: ({ writeGarbage }) => (writeGarbage ? undefined : 'the harness gives no writeGarbage'),
    needs: ['register'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      await trial.register(instance)
      await trial.harness.writeGarbage!(instance.service, 'garbage')
      const watch = trial.follow(instance.service, await trial.open())
      await trial.eventually(
        () => `garbage is not among the skipped, ${show(watch.latest?.skipped)}`,
        () => watch.latest?.skipped.some(({ key, reason }) => key.includes('garbage') && reason !== ''),
      )
      await trial.sees(watch, [instance])
    },
  },
]
