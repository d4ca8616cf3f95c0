import { ManualClock, ScriptedAdapter } from '@rollcall/testing'
import { fraction, readInstance, xorshift32, type Instance } from '@rollcall/core/adapter'
import { connect, type ConnectOptions, type RollcallEvent } from '@rollcall/core'
import { Events } from '../src/events.js'
import type { Registry } from '../src/registry.js'
import type { Supervision } from '../src/supervise/keep-trying.js'

export function instance(id = 'a', fields: Partial<Instance> = {}): Instance {
  const given = { service: 'orders', host: '10.0.0.1', port: 80, incarnation: '5' }
  return readInstance({ ...given, ...fields, id })
}

export function instances(...ids: string[]): Instance[] {
  return ids.map((id) => instance(id))
}

/** Chance that always falls on the same spot of [0, 1). */
export function always(spot: number): () => number {
  const draw = () => (spot * 2 ** 32) | 0
  if (Math.abs(fraction(draw) - spot) > 1e-6) throw new Error(`no draw gives ${spot}`)
  return draw
}

export function supervise(clock: ManualClock, random = always(0.5)): Supervision {
  return { clock, random, backoff: { maxMs: 5_000, refusedMs: 30_000 } }
}

export interface Setup {
  clock: ManualClock
  adapter: ScriptedAdapter
  registry: Registry
  /** Every event so far. */
  events: RollcallEvent[]
  types(): string[]
  count(type: RollcallEvent['type']): number
}

/** A registry over a scripted adapter, at `scripted:`. */
export async function setup(
  options: ConnectOptions & { adapter?: ScriptedAdapter; clock?: ManualClock; url?: string } = {},
): Promise<Setup> {
  const { adapter = new ScriptedAdapter(), clock = new ManualClock(), url = 'scripted:', ...more } = options
  const registry = await connect(url, {
    adapters: [{ schemes: ['scripted'], defaultHost: '127.0.0.1', open: () => adapter }],
    clock,
    random: xorshift32(7),
    ...more,
  })
  const events: RollcallEvent[] = []
  registry.events.on('*', (event) => events.push(event))
  return {
    clock,
    adapter,
    registry,
    events,
    types: () => events.map(({ type }) => type),
    count: (type) => events.filter((event) => event.type === type).length,
  }
}

/** Events kept in the order they came. */
export function recorded(clock: ManualClock): { events: Events; seen: RollcallEvent[] } {
  const events = new Events(clock)
  const seen: RollcallEvent[] = []
  events.on('*', (event) => seen.push(event))
  return { events, seen }
}

/** What became of a promise so far, without waiting for it. */
export function watched<T>(promise: Promise<T>): { value?: T; error?: unknown; settled: boolean } {
  const state: { value?: T; error?: unknown; settled: boolean } = { settled: false }
  promise.then(
    (value) => Object.assign(state, { value, settled: true }),
    (error: unknown) => Object.assign(state, { error, settled: true }),
  )
  return state
}

export function rejections(): { seen: unknown[]; stop: () => void } {
  const seen: unknown[] = []
  const onRejection = (reason: unknown): void => void seen.push(reason)
  process.on('unhandledRejection', onRejection)
  return { seen, stop: () => void process.off('unhandledRejection', onRejection) }
}
