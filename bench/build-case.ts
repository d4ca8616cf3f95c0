import { do_not_optimize, measure } from 'mitata'
import type { BalancerPlan } from '@rollcall/core'
import { maglev, ring } from '@rollcall/core/balancers'
import { candidatesOf, chooserOf } from './chooser.js'
import { maglevTable } from './floors/maglev-table.js'
import { ketamaPointsOf, merged, pointsOf } from './floors/points.js'
import { instances } from './instances.js'
import { hashringOf } from './peers/hashring.js'

export interface BuildInput {
  readonly what: BuildWay
  readonly size: number
  readonly cpuMs: number
}

export interface BuildOutput {
  readonly us: number
  /** What one such table holds, as long as it is kept. */
  readonly bytes: number
}

export type BuildWay = keyof typeof ways

/** How long one table takes to make, and how much memory it holds. */
export async function run({ what, size, cpuMs }: BuildInput): Promise<BuildOutput> {
  const make = ways[what](size)
  const { p50 } = await measure(async () => do_not_optimize(await make()), { min_cpu_time: cpuMs * 1e6 })
  return { us: p50 / 1000, bytes: await heldBy(make) }
}

const ways = {
  ring: (size) => building(ring(), size),
  'ring, one changes': (size) => changing(ring(), size),
  ketama: (size) => building(ring({ ketama: true }), size),
  maglev: (size) => building(maglev(), size),
  'maglev, one changes': (size) => changing(maglev(), size),
  points: (size) => {
    const set = instances(size)
    return () => pointsOf(set)
  },
  'points merged': (size) => {
    const points = pointsOf(instances(size))
    return () => merged(points, `orders-${size}`, size)
  },
  'md5 points': (size) => {
    const set = instances(size)
    return () => ketamaPointsOf(set)
  },
  'maglev table': (size) => {
    const set = instances(size)
    return () => maglevTable(set, 65_537)
  },
  hashring: (size) => {
    const set = instances(size)
    return () => hashringOf(set)
  },
} satisfies Record<string, (size: number) => () => unknown>

/** A chooser's first choice makes its table. */
function building(plan: BalancerPlan, size: number): () => unknown {
  const candidates = candidatesOf(size)
  return () => {
    const choose = chooserOf(plan)
    choose(candidates, 'key')
    return choose
  }
}

/** By turns one more and one less, every time in a new array, as candidates come. */
function changing(plan: BalancerPlan, size: number): () => unknown {
  const candidates = candidatesOf(size + 1)
  const choose = chooserOf(plan)
  choose(candidates, 'key')
  let isWhole = true
  return () => {
    isWhole = !isWhole
    return choose(isWhole ? [...candidates] : candidates.slice(0, size), 'key')
  }
}

async function heldBy(make: () => unknown): Promise<number> {
  const held: unknown[] = [await make()]
  const before = memory()
  held.push(await make(), await make())
  const after = memory()
  return held.length === 3 ? Math.max(0, after - before) / 2 : 0
}

function memory(): number {
  const { gc } = globalThis as { gc?: () => void }
  if (!gc) throw new Error('bytes can be counted only with --expose-gc')
  for (let i = 0; i < 3; i++) gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
