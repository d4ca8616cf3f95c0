import {
  connect,
  type BalancerName,
  type BalancerPlan,
  type Registry,
  type ServiceView,
} from '@rollcall/core'
import { defineAdapter, type Instance, type Listing } from '@rollcall/core/adapter'
import { requestWalk } from './keys.js'

type BalancerChoice = BalancerName | BalancerPlan
type Way = (set: readonly Instance[]) => Promise<() => unknown>

/** A view with a balancer of its own is the user's to keep: in a map, as the floor keeps its list. */
export function picking(balancer: BalancerChoice): Way {
  return async (set) => {
    const views = new Map([['orders', await viewOf(set, balancer)]])
    return () => views.get('orders')!.pick()
  }
}

/** The whole entry, as one writes it without a balancer of one's own. */
export async function byDefault(set: readonly Instance[]): Promise<() => unknown> {
  const registry = await registryOf(set)
  return () => registry.service('orders').pick()
}

export async function defaultCycle(set: readonly Instance[]): Promise<() => unknown> {
  const registry = await registryOf(set)
  return () => registry.service('orders').acquire().done('ok')
}

/** By a key. The request is the caller's as the key is: what it costs to make is no part of the pick. */
export function pickingByKey(plan: BalancerPlan): Way {
  return async (set) => {
    const views = new Map([['orders', await viewOf(set, plan)]])
    const request = requestWalk()
    return () => views.get('orders')!.pick(request())
  }
}

/** Of everybody it knows a latency, as after a while of calls. */
export function pickingByLatency(plan: BalancerPlan): Way {
  return async (set) => {
    const views = new Map([['orders', await learnedView(set, plan)]])
    return () => views.get('orders')!.pick()
  }
}

export function cycling(plan: BalancerPlan): Way {
  return async (set) => {
    const views = new Map([['orders', await learnedView(set, plan)]])
    return () => views.get('orders')!.acquire().done('ok')
  }
}

async function learnedView(set: readonly Instance[], plan: BalancerPlan): Promise<ServiceView> {
  const view = await viewOf(set, plan)
  for (let i = 0; i < 20 * set.length; i++) view.acquire().done('ok')
  return view
}

export async function viewOf(set: readonly Instance[], balancer: BalancerChoice): Promise<ServiceView> {
  const registry = await registryOf(set)
  const view = registry.service('orders', { balancer })
  await view.ready()
  return view
}

async function registryOf(set: readonly Instance[]): Promise<Registry> {
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
