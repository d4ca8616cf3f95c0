import type { ServiceView } from '@rollcall/core'
import { xorshift32 } from '@rollcall/core/adapter'
import { peakEwma, roundRobin } from '@rollcall/core/balancers'
import type { Dispatcher } from 'undici'
import { instance } from './instances.js'
import { viewOf } from './our-picks.js'
import { median, pairedDifference } from './statistics.js'

export interface CallInput {
  /** One server listens at all of them. */
  readonly ports: readonly number[]
  readonly by: keyof typeof plans
  readonly how: 'call' | 'acquire'
  readonly beside: 'pool' | 'balancedPool'
  readonly calls: number
}

/** Medians, in microseconds; `moreUs` of what ours took more than the other one next to it. */
export interface CallOutput {
  readonly us: number
  readonly besideUs: number
  readonly moreUs: number
}

const plans = { 'round-robin': roundRobin, 'peak-ewma': peakEwma }

type Call = () => Promise<unknown>

/**
 * HTTP calls, ours and another way's by turns, which of the two goes first by chance: whatever the machine does
 * meanwhile it does to both.
 */
export async function run({ ports, by, how, beside, calls }: CallInput): Promise<CallOutput> {
  const { BalancedPool, Pool } = await import('undici')
  const origins = ports.map((port) => `http://127.0.0.1:${port}`)
  const pools = origins.map((origin) => new Pool(origin, { connections: 1 }))
  const view = await viewOf(
    ports.map((port, i) => ({ ...instance('orders', i), host: '127.0.0.1', port })),
    plans[by](),
  )
  // The same pool and connection as ours used last: it is the choosing that differs, and not how warm a socket is.
  let last = pools[0]!
  const byId = new Map(pools.map((pool, i) => [`orders-${i}`, pool]))
  const send = (id: string): Promise<unknown> => get((last = byId.get(id)!))
  const ours = how === 'call' ? calling(view, send) : acquiring(view, send)
  const balanced = new BalancedPool(origins, { connections: 1 })
  return compare(ours, beside === 'pool' ? () => get(last) : () => get(balanced), calls)
}

async function get(dispatcher: Dispatcher): Promise<void> {
  const { body } = await dispatcher.request({ path: '/', method: 'GET' })
  await body.dump()
}

function calling(view: ServiceView, send: (id: string) => Promise<unknown>): Call {
  return () => view.call(({ id }) => send(id))
}

function acquiring(view: ServiceView, send: (id: string) => Promise<unknown>): Call {
  return async () => {
    const pick = view.acquire()
    await send(pick.instance.id)
    pick.done('ok')
  }
}

async function compare(ours: Call, theirs: Call, calls: number): Promise<CallOutput> {
  await pairs(ours, theirs, calls / 5)
  const { own, other } = await pairs(ours, theirs, calls)
  return { us: median(own), besideUs: median(other), moreUs: pairedDifference(own, other) }
}

async function pairs(ours: Call, theirs: Call, count: number): Promise<{ own: number[]; other: number[] }> {
  const random = xorshift32(5)
  const own: number[] = []
  const other: number[] = []
  for (let i = 0; i < count; i++) {
    if (random() < 0) {
      own.push(await microseconds(ours))
      other.push(await microseconds(theirs))
    } else {
      other.push(await microseconds(theirs))
      own.push(await microseconds(ours))
    }
  }
  return { own, other }
}

async function microseconds(call: Call): Promise<number> {
  const start = performance.now()
  await call()
  return (performance.now() - start) * 1000
}
