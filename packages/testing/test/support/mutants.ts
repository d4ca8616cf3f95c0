import {
  RollcallError,
  isRollcallError,
  withFields,
  type Adapter,
  type Capabilities,
  type Instance,
  type InstanceRecord,
  type Lease,
  type Listing,
} from '@rollcall/core/adapter'
import type { MemoryStore } from '../../../core/src/embedded/memory-store.js'

/** One way to be wrong, and the words of a rule that must say so. */
export interface Mutant {
  readonly breaks: string
  make(adapter: Adapter, store: MemoryStore): Partial<Adapter>
}

/** For the test to clear. */
export const leftTimers: NodeJS.Timeout[] = []

const registered = new Set<string>()
const incarnations = new Map<string, string>()

const lost = (name: string) => new RollcallError('LEASE_LOST', `${name}: lost`)

const never = new AbortController().signal

/** What is listed is changed on its way out. */
const listing =
  (change: (listing: Listing) => Listing) =>
  (adapter: Adapter): Partial<Adapter> => ({
    async *watch(service, signal) {
      for await (const item of adapter.watch(service, signal)) yield change(item)
    },
  })

/** What is registered is changed on its way in. */
const forgets =
  (...fields: (keyof InstanceRecord)[]) =>
  (adapter: Adapter): Partial<Adapter> => ({
    register: (instance, ttlMs, signal) =>
      adapter.register!(
        withFields(instance, Object.fromEntries(fields.map((f) => [f, undefined]))),
        ttlMs,
        signal,
      ),
  })

/** Every listed instance is changed on its way out. */
const each = (change: (instance: Instance) => Partial<InstanceRecord>): Mutant['make'] =>
  listing((item) => ({ ...item, instances: item.instances.map((i) => withFields(i, change(i))) }))

const pairs = (metadata: Instance['metadata'], keep: (key: string, value: string) => boolean) =>
  Object.fromEntries(Object.entries(metadata).filter(([key, value]) => keep(key, value)))

/** Works until the store's fault of this name begins, and never again. */
const brokenBy =
  (fault: 'freeze' | 'down') =>
  (adapter: Adapter, store: MemoryStore): Partial<Adapter> => {
    let stuck = false
    const begin = store[fault].bind(store)
    store[fault] = () => {
      stuck = true
      begin()
    }
    return {
      async register(instance, ttlMs, signal) {
        if (stuck) throw new Error('the connection is broken')
        return adapter.register!(instance, ttlMs, signal)
      },
      async *watch(service, signal) {
        if (stuck) throw new Error('the connection is broken')
        yield* adapter.watch(service, signal)
      },
    }
  }

const declares =
  (capabilities: Partial<Capabilities>) =>
  (adapter: Adapter): Partial<Adapter> => ({ capabilities: { ...adapter.capabilities, ...capabilities } })

const leases =
  (change: (lease: Lease, adapter: Adapter) => Lease) =>
  (adapter: Adapter): Partial<Adapter> => ({
    register: async (...args) => change(await adapter.register!(...args), adapter),
  })

export const mutants: Readonly<Record<string, Mutant>> = {
  'yields no empty set': {
    breaks: 'even if it is empty',
    make: (adapter) => ({
      async *watch(service, signal) {
        for await (const item of adapter.watch(service, signal)) if (item.instances.length > 0) yield item
      },
    }),
  },
  'yields changes only, not what was there before': {
    breaks: 'what was there before it',
    make: (adapter) => ({
      async *watch(service, signal) {
        let first = true
        for await (const item of adapter.watch(service, signal)) {
          yield first ? { ...item, instances: [] } : item
          first = false
        }
      },
    }),
  },
  'falls silent after the first listing': {
    breaks: 'an instance comes and goes',
    make: (adapter) => ({
      async *watch(service, signal) {
        for await (const item of adapter.watch(service, signal)) {
          yield item
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        }
      },
    }),
  },
  'returns after the first listing': {
    breaks: 'an instance comes and goes',
    make: (adapter) => ({
      async *watch(service, signal) {
        for await (const item of adapter.watch(service, signal)) return yield item
      },
    }),
  },
  'does not notice updates': {
    breaks: 'an instance is updated',
    make: (adapter) => ({
      async *watch(service, signal) {
        let seen
        for await (const item of adapter.watch(service, signal)) {
          const ids = item.instances.map(({ id }) => id).join()
          if (ids !== seen) yield item
          seen = ids
        }
      },
    }),
  },
  'tells one watch only': {
    breaks: 'every watch of a service is told',
    make(adapter) {
      const watched = new Set<string>()
      return {
        async *watch(service, signal) {
          const second = watched.has(service)
          watched.add(service)
          for await (const item of adapter.watch(service, signal)) {
            yield item
            if (second)
              await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
          }
        },
      }
    },
  },
  'ends all watches with one': {
    breaks: 'takes no other with it',
    make(adapter) {
      const all = new AbortController()
      return {
        watch(service, signal) {
          signal.addEventListener('abort', () => all.abort(new Error('one watch ended')))
          return adapter.watch(service, AbortSignal.any([signal, all.signal]))
        },
      }
    },
  },
  'queues between pulls': {
    breaks: 'never a queue',
    make: (adapter) => ({
      async *watch(service, signal) {
        const queue: Listing[] = []
        let wake = () => {}
        const fill = async () => {
          for await (const item of adapter.watch(service, signal)) {
            queue.push(item)
            wake()
          }
        }
        void fill().catch(() => wake())
        for (;;) {
          while (queue.length === 0) {
            await new Promise<void>((resolve) => (wake = resolve))
            signal.throwIfAborted()
          }
          yield queue.shift()!
        }
      },
    }),
  },
  'keeps silent about garbage': {
    breaks: 'skipped with their key and the reason',
    make: listing((item) => ({ ...item, skipped: [] })),
  },
  'lets garbage break the set': {
    breaks: 'skipped with their key and the reason',
    make: listing((item) => (item.skipped.length > 0 ? { ...item, instances: [] } : item)),
  },
  'forgets the weight': { breaks: 'weight 0', make: forgets('weight') },
  'takes weight 0 for none': { breaks: 'weight 0', make: each(({ weight }) => ({ weight: weight || 1 })) },
  'forgets the status': { breaks: 'status draining', make: forgets('status') },
  'hides instances that are down': {
    breaks: 'status down',
    make: listing((item) => ({
      ...item,
      instances: item.instances.filter(({ status }) => status !== 'down'),
    })),
  },
  'forgets the metadata': { breaks: 'all fields', make: forgets('metadata') },
  'forgets zone and version': { breaks: 'all fields', make: forgets('zone', 'version') },
  'forgets the tags': { breaks: 'all fields', make: forgets('tags') },
  'forgets the scheme': { breaks: 'all fields', make: forgets('scheme') },
  'forgets when it was registered': { breaks: 'weight 65535', make: forgets('registeredAt') },
  'forgets the incarnation': { breaks: 'REPLACED', make: forgets('incarnation') },
  'sorts the tags': { breaks: 'tags in order', make: each(({ tags }) => ({ tags: tags.toSorted() })) },
  'drops empty values': {
    breaks: 'an empty value',
    make: each(({ metadata }) => ({ metadata: pairs(metadata, (_, value) => value !== '') })),
  },
  'stumbles over keys that every object has': {
    breaks: 'keys that are names in JavaScript',
    make: each(({ metadata }) => ({ metadata: pairs(metadata, (key) => !(key in {})) })),
  },
  'cuts long values': {
    breaks: 'the most and longest metadata',
    make: each(({ metadata }) => ({ metadata: pairs(metadata, (_, value) => value.length < 512) })),
  },
  'splits tags at commas': {
    breaks: 'text that looks like syntax',
    make: each(({ tags }) => ({ tags: tags.join().split(',').filter(Boolean) })),
  },
  'puts IPv6 hosts in brackets': {
    breaks: 'an IPv6 host',
    make: each(({ host }) => ({ host: host.includes(':') ? `[${host}]` : host })),
  },
  'takes 16 bits of a port for signed': {
    breaks: 'a host name',
    make: each(({ port }) => ({ port: port & 0x7fff })),
  },
  'writes Latin-1': {
    breaks: 'text beyond ASCII',
    make: each(({ zone }) => ({ zone: zone && Buffer.from(zone, 'utf8').toString('latin1') })),
  },
  'renews all with one': {
    breaks: 'only the one that is renewed stays',
    make: (adapter, store) =>
      leases(({ ttlMs, renew }) => ({
        ttlMs,
        renew: async (signal) => {
          await renew(signal)
          for (const name of store.services())
            for (const instance of store.list(name).instances) store.renew(instance)
        },
      }))(adapter),
  },
  'remembers the newest incarnation for ever': {
    breaks: 'its id is free again',
    make: (adapter) => ({
      async register(instance, ttlMs, signal) {
        const newest = incarnations.get(instance.service) ?? ''
        if (newest > instance.incarnation) throw new RollcallError('REPLACED', 'there was a newer one')
        incarnations.set(instance.service, instance.incarnation)
        return adapter.register!(instance, ttlMs, signal)
      },
    }),
  },
  'takes A and a for one id': {
    breaks: 'every legal id works',
    make: (adapter) => ({
      register: (instance, ttlMs, signal) =>
        adapter.register!(withFields(instance, { id: instance.id.toLowerCase() }), ttlMs, signal),
    }),
  },
  'lists by prefix': {
    breaks: 'every legal service name works',
    make: (adapter, store) => ({
      async *watch(service, signal) {
        for await (const item of adapter.watch(service, signal)) {
          const names = store.services().filter((name) => name.startsWith(service))
          yield { ...item, instances: names.flatMap((name) => store.list(name).instances) }
        }
      },
    }),
  },
  'merges on update': {
    breaks: 'an update replaces the whole instance',
    make: (adapter, store) => ({
      register(instance, ttlMs, signal) {
        const old = store.list(instance.service).instances.find(({ id }) => id === instance.id)
        return adapter.register!(
          withFields(instance, { metadata: { ...old?.metadata, ...instance.metadata } }),
          ttlMs,
          signal,
        )
      },
    }),
  },
  'removes before it updates': {
    breaks: 'never absent',
    make: (adapter) => ({
      async register(instance, ttlMs, signal) {
        await adapter.release!(instance, signal)
        await new Promise((resolve) => setImmediate(resolve))
        return adapter.register!(instance, ttlMs, signal)
      },
    }),
  },
  'loses some of many': {
    breaks: 'a hundred instances',
    make(adapter) {
      let writing = 0
      return {
        async register(instance, ttlMs, signal) {
          if (++writing > 10) return { ttlMs, renew: async () => {} }
          const lease = await adapter.register!(instance, ttlMs, signal)
          writing--
          return lease
        },
      }
    },
  },
  'knows no TTL': {
    breaks: 'stays for its TTL, and is gone',
    make: (adapter) => ({
      register: async (instance, ttlMs, signal) => ({
        ...(await adapter.register!(instance, 1e6, signal)),
        ttlMs,
      }),
    }),
  },
  'takes half the TTL': {
    breaks: 'stays for its TTL, and is gone',
    make: (adapter) => ({
      register: async (instance, ttlMs, signal) => ({
        ...(await adapter.register!(instance, ttlMs / 2, signal)),
        ttlMs,
      }),
    }),
  },
  'renews nothing': {
    breaks: 'beyond twice its TTL',
    make: leases(({ ttlMs }) => ({ ttlMs, renew: async () => {} })),
  },
  'updates and keeps the old end': {
    breaks: 'an update lives on',
    make(adapter) {
      const first = new Map<string, Lease>()
      return {
        async register(instance, ttlMs, signal) {
          const lease = await adapter.register!(instance, ttlMs, signal)
          const known = first.has(instance.service)
          first.set(instance.service, lease)
          return known ? { ttlMs, renew: async () => {} } : lease
        },
      }
    },
  },
  'never loses a lease': {
    breaks: 'says LEASE_LOST',
    make: leases(({ ttlMs, renew }) => ({
      ttlMs,
      renew: (signal) =>
        renew(signal).catch((error: unknown) => {
          if (!isRollcallError(error)) throw error
        }),
    })),
  },
  'takes a lost lease for a passing fault': {
    breaks: 'says LEASE_LOST',
    make: leases(({ ttlMs, renew }) => ({
      ttlMs,
      renew: (signal) =>
        renew(signal).catch((error: unknown) => {
          throw isRollcallError(error) ? new Error('404') : error
        }),
    })),
  },
  'ties the lease to its attempt': {
    breaks: 'undoes nothing',
    make: (adapter) => ({
      async register(instance, ttlMs, signal) {
        const lease = await adapter.register!(instance, ttlMs, signal)
        signal.addEventListener('abort', () => void adapter.release!(instance, never).catch(() => {}))
        return lease
      },
    }),
  },
  'lets the last writer win': {
    breaks: 'is told REPLACED, and changes nothing',
    make: (adapter, store) => ({
      register(instance, ttlMs, signal) {
        signal.throwIfAborted()
        for (const held of store.list(instance.service).instances)
          if (held.id === instance.id) store.remove(held)
        return adapter.register!(instance, ttlMs, signal)
      },
    }),
  },
  'refuses whoever comes second': {
    breaks: 'a newer incarnation takes over its id',
    make: (adapter, store) => ({
      async register(instance, ttlMs, signal) {
        const held = store.list(instance.service).instances.find(({ id }) => id === instance.id)
        if (held && held.incarnation !== instance.incarnation) throw new Error('exists')
        return adapter.register!(instance, ttlMs, signal)
      },
    }),
  },
  'releases by id alone': {
    breaks: 'does not remove the newer',
    make: (adapter, store) => ({
      async release(instance, signal) {
        const held = store.list(instance.service).instances.find(({ id }) => id === instance.id)
        await adapter.release!(held ?? instance, signal)
      },
    }),
  },
  'keeps alive only the first who registered': {
    breaks: 'the same incarnation may come back',
    make: (adapter) => ({
      async register(instance, ttlMs, signal) {
        const lease = await adapter.register!(instance, ttlMs, signal)
        const first = !registered.has(instance.service)
        registered.add(instance.service)
        return first ? lease : { ttlMs, renew: async () => {} }
      },
    }),
  },
  'does not release': { breaks: 'removes one instance', make: () => ({ release: async () => {} }) },
  'releases the whole service': {
    breaks: 'leaves the others',
    make: (_, store) => ({
      async release({ service }, signal) {
        signal.throwIfAborted()
        for (const instance of store.list(service).instances) store.remove(instance)
      },
    }),
  },
  'complains when nothing is there to release': {
    breaks: 'already gone, or never was',
    make: (adapter, store) => ({
      async release(instance, signal) {
        if (!store.list(instance.service).instances.some(({ id }) => id === instance.id))
          throw new Error('404')
        await adapter.release!(instance, signal)
      },
    }),
  },
  'releases only what it registered itself': {
    breaks: 'release needs no lease',
    make(adapter) {
      const own = new Set<string>()
      return {
        register(instance, ttlMs, signal) {
          own.add(instance.service)
          return adapter.register!(instance, ttlMs, signal)
        },
        async release(instance, signal) {
          if (own.has(instance.service)) await adapter.release!(instance, signal)
        },
      }
    },
  },
  'renews by writing': {
    breaks: 'brings nothing back',
    make: (adapter) => ({
      async register(instance, ttlMs, signal) {
        await adapter.register!(instance, ttlMs, signal)
        return { ttlMs, renew: async (own) => void (await adapter.register!(instance, ttlMs, own)) }
      },
    }),
  },
  'refuses an id that was released': {
    breaks: 'registered again at once',
    make(adapter) {
      const gone = new Set<string>()
      return {
        async register(instance, ttlMs, signal) {
          if (gone.has(instance.service)) throw new Error('tombstone')
          return adapter.register!(instance, ttlMs, signal)
        },
        async release(instance, signal) {
          await adapter.release!(instance, signal)
          gone.add(instance.service)
        },
      }
    },
  },
  'never forgets a service’s name': {
    breaks: 'watchServices tells the names',
    make: (adapter) => ({
      async *watchServices(signal) {
        const ever = new Set<string>()
        for await (const names of adapter.watchServices!(signal)) {
          for (const name of names) ever.add(name)
          yield [...ever]
        }
      },
    }),
  },
  'counts services that are up only': {
    breaks: 'whose only instance is down',
    make: (adapter, store) => ({
      async *watchServices(signal) {
        const up = (name: string) => store.list(name).instances.some(({ status }) => status === 'up')
        for await (const names of adapter.watchServices!(signal)) yield names.filter(up)
      },
    }),
  },
  'hears no abort while it watches': {
    breaks: 'a waiting watch ends',
    make: (adapter) => ({ watch: (service) => adapter.watch(service, never) }),
  },
  'hears no abort while it watches services': {
    breaks: 'a waiting watchServices ends',
    make: (adapter) => ({ watchServices: () => adapter.watchServices!(never) }),
  },
  'returns when it is aborted': {
    breaks: 'a waiting watch ends',
    make: (adapter) => ({
      async *watch(service, signal) {
        try {
          yield* adapter.watch(service, signal)
        } catch (error) {
          if (!signal.aborted) throw error
        }
      },
    }),
  },
  'writes although it is aborted': {
    breaks: 'already aborted, and writes nothing',
    make: (adapter) => ({
      async register(instance, ttlMs, signal) {
        const lease = await adapter.register!(instance, ttlMs, never)
        signal.throwIfAborted()
        return lease
      },
    }),
  },
  'rejects with an error of its own': {
    breaks: 'every verb rejects at once with the reason',
    make: (adapter) => ({
      release: (instance, signal) =>
        adapter.release!(instance, signal).catch(() => {
          throw new Error('AbortError')
        }),
    }),
  },
  'renews although it is aborted': {
    breaks: 'a renewal rejects at once',
    make: leases(({ ttlMs, renew }) => ({ ttlMs, renew: () => renew(never) })),
  },
  'hangs for ever in a frozen store': {
    breaks: 'while the store is frozen',
    make: (adapter) => ({
      release(instance, signal) {
        signal.throwIfAborted()
        return adapter.release!(instance, never)
      },
    }),
  },
  'pretends while the store is frozen': {
    breaks: 'while the store is frozen',
    make: (adapter) => ({
      async release(instance, signal) {
        signal.throwIfAborted()
        void adapter.release!(instance, signal).catch(() => {})
      },
    }),
  },
  'works after close': { breaks: 'after close every verb rejects', make: () => ({ close: async () => {} }) },
  'closes never': {
    breaks: 'never used closes promptly',
    make: () => ({ close: () => new Promise<void>(() => {}) }),
  },
  'leaves a timer behind': {
    breaks: 'no timer, socket or file is left open',
    make(adapter) {
      leftTimers.push(setInterval(() => {}, 60_000))
      return { watch: (service, signal) => adapter.watch(service, signal) }
    },
  },
  'takes an outage for an empty set': {
    breaks: 'never yield a smaller set',
    make: (adapter) => ({
      async *watch(service, signal) {
        try {
          yield* adapter.watch(service, signal)
        } catch (error) {
          signal.throwIfAborted()
          if (isRollcallError(error, 'CLOSED')) throw error
          yield { instances: [], skipped: [] }
        }
      },
    }),
  },
  'lists from memory in an outage': {
    breaks: 'never yield a smaller set',
    make: (adapter, store) => ({
      async *watch(service, signal) {
        yield store.list(service)
        yield* adapter.watch(service, signal)
      },
    }),
  },
  'writes into the void': {
    breaks: 'never seems to work',
    make: (adapter) => ({
      release: (instance, signal) =>
        adapter.release!(instance, signal).catch((error: unknown) => {
          if (!isRollcallError(error, 'UNAVAILABLE')) throw error
        }),
    }),
  },
  'takes an outage for a lost lease': {
    breaks: 'never seems to work',
    make: leases(({ ttlMs, renew }, { name }) => ({
      ttlMs,
      renew: (signal) =>
        renew(signal).catch((error: unknown) => {
          throw isRollcallError(error, 'UNAVAILABLE') ? lost(name) : error
        }),
    })),
  },
  'never recovers from a freeze': { breaks: 'after a freeze an adapter works on', make: brokenBy('freeze') },
  'never recovers from a restart': { breaks: 'after a restart with its data', make: brokenBy('down') },
  'keeps a lease that the store lost': {
    breaks: 'after a restart without data',
    make: leases(({ ttlMs, renew }) => ({
      ttlMs,
      renew: (signal) =>
        renew(signal).catch((error: unknown) => {
          if (!isRollcallError(error, 'LEASE_LOST')) throw error
        }),
    })),
  },
  'declares no goneAfterMs': { breaks: 'complete and sane', make: declares({ goneAfterMs: Number.NaN }) },
  'declares a TTL range upside down': {
    breaks: 'complete and sane',
    make: declares({ minTtlMs: 10, maxTtlMs: 5 }),
  },
  'declares to be read-only and writes': { breaks: 'verbs are there', make: declares({ register: false }) },
  'declares a shared lease and has none': {
    breaks: 'share one Lease',
    make: declares({ sharedLease: true }),
  },
  'declares another TTL than it grants': {
    breaks: 'says what was granted',
    make: declares({ minTtlMs: 50_000 }),
  },
  'lists what ran out': {
    breaks: 'stays for its TTL, and is gone',
    make(adapter) {
      const ever = new Map<string, Instance>()
      return {
        async *watch(service, signal) {
          for await (const item of adapter.watch(service, signal)) {
            for (const instance of item.instances) ever.set(instance.service, instance)
            yield item.instances.length === 0 && ever.has(service)
              ? { ...item, instances: [ever.get(service)!] }
              : item
          }
        },
      }
    },
  },
}
