import { withFields } from '@rollcall/core/adapter'
import type { Check } from '../check.js'
import { must, show } from '../rule-broken.js'

const longText = 'x'.repeat(512)
const manyPairs = Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`key-${i}`, `value ${i}`]))

/** Legal instances that a careless codec loses something of. */
const oddFields = {
  'weight 0': { weight: 0 },
  'weight 65535': { weight: 65_535 },
  'status draining': { status: 'draining' },
  'status down': { status: 'down' },
  'all fields': {
    scheme: 'grpc',
    weight: 42,
    zone: 'eu-1a',
    version: '1.2.3-rc.1+build',
    tags: ['blue', 'canary'],
    metadata: { team: 'payments', region: 'eu' },
  },
  'an IPv6 host': { host: '2001:db8::1' },
  'a host name': { host: 'orders-1.internal.example', port: 65_535 },
  'text beyond ASCII': { zone: 'Zürich', version: 'β', metadata: { note: 'naïve 日本 🚀' }, tags: ['größe'] },
  'text that looks like syntax': {
    metadata: { q: '"{}[]\\/=&?#%,; \'' },
    tags: ['a=b', 'c,d', '"'],
    zone: 'a/b',
  },
  'an empty value': { metadata: { empty: '' } },
  'keys that are names in JavaScript': { metadata: { constructor: 'x', toString: 'y', length: '1' } },
  'the most and longest metadata': { metadata: { ...manyPairs, 'key-0': longText } },
  'tags in order, twice the same': { tags: ['b', 'a', 'b'] },
} as const

const oddIds = [
  'a',
  '0',
  'A',
  'orders-10.0.0.1-3000',
  'with:colon@and.dots',
  'a..b',
  'x'.repeat(200),
  'index.json',
  'end.',
]

const roundTrips: readonly Check[] = Object.entries(oddFields).map(([what, fields]) => ({
  rule: `what was registered is what is listed: ${what}`,
  needs: ['register'],
  async run(trial) {
    const instance = trial.instance(trial.service(), fields)
    await trial.register(instance)
    await trial.sees(trial.follow(instance.service, await trial.open()), [instance])
  },
}))

export const registeringChecks: readonly Check[] = [
  ...roundTrips,
  {
    rule: 'every legal id works, and no two are taken for one',
    needs: ['register'],
    async run(trial) {
      const service = trial.service()
      const watch = trial.follow(service, await trial.open())
      const instances = oddIds.map((id) => trial.instance(service, { id }))
      for (const instance of instances) await trial.register(instance)
      await trial.sees(watch, instances)
      for (const instance of instances) await trial.release(instance)
      await trial.sees(watch, [])
    },
  },
  {
    rule: 'every legal service name works, and no service lists what is another one’s',
    needs: ['register'],
    async run(trial) {
      const base = trial.service('orders')
      // All with the same id, and each a trap for whoever lists by prefix, by path or without case.
      const names = [base, `${base}-v2`, `${base}.x`, `${base}x`, `${base}_`, base.toUpperCase(), `${base}..`]
      const instances = [...names, base.padEnd(63, 'z')].map((name, i) =>
        trial.instance(name, { port: 3000 + i }),
      )
      const watches = instances.map(({ service }) => trial.follow(service))
      for (const instance of instances) await trial.register(instance)
      for (const [i, watch] of watches.entries()) await trial.sees(watch, [instances[i]!])
      await trial.release(instances[0]!)
      await trial.sees(watches[0]!, [])
      for (const [i, instance] of instances.entries()) {
        if (i > 0)
          must(
            (await trial.read(instance.service)).instances.length === 1,
            `${instance.service} lost its instance to a release in ${base}`,
          )
      }
    },
  },
  {
    rule: 'an update replaces the whole instance: what is left out is gone',
    needs: ['register', 'update'],
    async run(trial) {
      const service = trial.service()
      await trial.register(
        trial.instance(service, { zone: 'a', version: '1', tags: ['x'], metadata: { k: 'v' }, weight: 9 }),
      )
      const bare = trial.instance(service)
      await trial.register(bare)
      await trial.sees(trial.follow(service, await trial.open()), [bare])
    },
  },
  {
    rule: 'during an update the instance is never absent',
    needs: ['register', 'update'],
    async run(trial) {
      const instance = trial.instance(trial.service())
      const reader = await trial.open()
      await trial.register(instance)
      const watch = trial.follow(instance.service, reader)
      await trial.sees(watch, [instance])
      for (let i = 0; i < 20; i++) {
        const [, listing] = await Promise.all([
          trial.register(withFields(instance, { port: 4000 + i })),
          trial.read(instance.service, reader),
        ])
        must(listing.instances.length === 1, `a reader was given ${show(listing.instances)} during an update`)
      }
      await trial.sees(watch, [withFields(instance, { port: 4019 })])
      const sizes = watch.seen.map(({ instances }) => instances.length)
      must(
        !sizes.slice(sizes.indexOf(1)).some((size) => size !== 1),
        `a watch was given sets of ${sizes.join(', ')}`,
      )
    },
  },
  {
    rule: 'a hundred instances registered 16 at a time are listed, and released so are gone',
    needs: ['register'],
    async run(trial) {
      const service = trial.service()
      const instances = Array.from({ length: 100 }, (_, i) =>
        trial.instance(service, { id: `i${i}`, port: 3000 + i }),
      )
      const watch = trial.follow(service, await trial.open())
      await atOnce(instances, (instance) => trial.register(instance))
      await trial.sees(watch, instances)
      await atOnce(instances, (instance) => trial.release(instance))
      await trial.sees(watch, [])
    },
  },
]

const writesAtOnce = 16

/** As many at a time as core writes: a verb's limit is meant for the verb, not for a queue of a hundred before it. */
async function atOnce<T>(items: readonly T[], write: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values()
  const writer = async (): Promise<void> => {
    for (const item of rest) await write(item)
  }
  await Promise.all(Array.from({ length: writesAtOnce }, writer))
}
