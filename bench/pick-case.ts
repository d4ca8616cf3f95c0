import { connect, type BalancerName } from '@rollcall/core'
import { defineAdapter, xorshift32, type Instance, type Listing } from '@rollcall/core/adapter'
import { do_not_optimize, measure } from 'mitata'
import { AliasTable } from '../packages/core/src/selection/balancers/alias-table.js'
import { instances } from './instances.js'

export interface PickInput {
  readonly what: PickCase
  readonly floor: PickCase
  readonly size: number
}

export type PickCase = keyof typeof makers

/** Nanoseconds and bytes of one pick. */
export interface PickOutput {
  readonly ns: number
  readonly floorNs: number
  readonly bytes: number
}

/**
 * One way of picking, by the package as users get it, and its floor. The two share no code and are measured in turn,
 * 15 ms each; of these the quickest counts, since other work on the machine only ever adds, up to twice the time.
 */
export async function run({ what, floor, size }: PickInput): Promise<PickOutput> {
  const ours = caller(await makers[what](size))
  const least = caller(await makers[floor](size))
  // The first pick sifts and builds tables: what follows it is the question, and mitata batches only what is quick.
  for (let i = 0; i < 100_000; i++) {
    ours()
    least()
  }
  let [ns, floorNs] = [Infinity, Infinity]
  for (let turn = 0; turn < 7; turn++) {
    floorNs = Math.min(floorNs, await nanos(least))
    ns = Math.min(ns, await nanos(ours))
  }
  return { ns, floorNs, bytes: bytesPer(ours) }
}

async function nanos(once: () => void): Promise<number> {
  const { p50 } = await measure(once, { min_cpu_time: 15e6 })
  return p50
}

/** A function of its own for each: one that had called both would be compiled for neither. */
function caller(pick: () => unknown): () => void {
  return new Function('pick', 'keep', 'return () => keep(pick())')(pick, do_not_optimize) as () => void
}

const equal = (): number => 1
const skewed = (i: number): number => 1 + (i % 7)

const makers = {
  counter: (size: number) => mapAndCounter(instances(size)),
  index: (size: number) => mapAndIndex(instances(size)),
  alias: (size: number) => mapAndAlias(instances(size, skewed)),
  'round-robin': (size: number) => picker(instances(size, equal), 'round-robin'),
  random: (size: number) => picker(instances(size, equal), 'random'),
  'weighted-random': (size: number) => picker(instances(size, skewed), 'weighted-random'),
  async weighted(size: number) {
    const registry = await registryOf(instances(size, equal))
    return () => registry.service('orders').pick()
  },
  async acquire(size: number) {
    const registry = await registryOf(instances(size, equal))
    return () => registry.service('orders').acquire().done('ok')
  },
} satisfies Record<string, (size: number) => (() => unknown) | Promise<() => unknown>>

/** A view with a balancer of its own is the user's to keep: in a map, as the floor keeps its list. */
async function picker(set: readonly Instance[], balancer: BalancerName): Promise<() => unknown> {
  const registry = await registryOf(set)
  const view = registry.service('orders', { balancer })
  await view.ready()
  const views = new Map([['orders', view]])
  return () => views.get('orders')!.pick()
}

async function registryOf(set: readonly Instance[]): Promise<Awaited<ReturnType<typeof connect>>> {
  const registry = await connect('bench:', { adapters: [listing(set)] })
  await registry.service('orders').ready()
  return registry
}

/** A store that lists one set and never says anything else. */
function listing(set: readonly Instance[]): ReturnType<typeof defineAdapter> {
  const capabilities = {
    register: false,
    update: false,
    watchServices: false,
    weights: true,
    metadata: true,
    status: true,
    sharedLease: false,
    minTtlMs: 1,
    maxTtlMs: 1,
    ttlStepMs: 1,
    goneAfterMs: 0,
    quietMs: 86_400_000,
  }
  async function* watch(_: string, signal: AbortSignal): AsyncGenerator<Listing> {
    yield { instances: set, skipped: [] }
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  return defineAdapter({ schemes: ['bench'], open: () => ({ name: 'bench', capabilities, watch }) })
}

function mapAndCounter(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', set]])
  let next = 0
  return () => {
    const list = services.get('orders')!
    if (next >= list.length) next = 0
    return list[next++]
  }
}

function mapAndIndex(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', set]])
  const random = xorshift32(1)
  return () => {
    const list = services.get('orders')!
    return list[Math.floor(((random() >>> 0) / 2 ** 32) * list.length)]
  }
}

function mapAndAlias(set: readonly Instance[]): () => unknown {
  const services = new Map([['orders', { set, table: new AliasTable(set.map(({ weight }) => weight)) }]])
  const random = xorshift32(1)
  return () => {
    const { set: list, table } = services.get('orders')!
    return list[table.at((random() >>> 0) / 2 ** 32)]
  }
}

function bytesPer(pick: () => unknown): number {
  const calls = 2_000_000
  const { gc } = globalThis as { gc?: () => void }
  if (!gc) throw new Error('bytes can be counted only with --expose-gc')
  for (let i = 0; i < calls; i++) pick()
  gc()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < calls; i++) pick()
  return Math.max(0, process.memoryUsage().heapUsed - before) / calls
}
