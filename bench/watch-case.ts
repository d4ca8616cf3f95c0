import { connect } from '@rollcall/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { instance } from './instances.js'
import { mark } from './in-process.js'
import { markKey, raw, type Kind, type Seen } from './raw/index.js'

export interface WatchInput {
  readonly kind: Kind
  readonly port: number
  /** How many writes each side sees. */
  readonly pairs: number
  /** From one write to the next; each side sees every second one. */
  readonly spacingMs: number
}

/** From a write to the callback, in ms; the same index is the same pair. */
export interface WatchOutput {
  readonly ours: readonly number[]
  readonly raw: readonly number[]
}

const size = 10
const limitMs = 5_000

/**
 * One raw client writes, ours and another raw one watch a service each: no write wakes both, so that neither waits
 * for the other's answer.
 */
export async function run({ kind, port, pairs, spacingMs }: WatchInput): Promise<WatchOutput> {
  const writer = raw[kind](port)
  const sides = { ours: new Awaited(), raw: new Awaited() }
  for (const service of ['ours', 'raw'] as const) {
    for (let i = 0; i < size; i++) await writer.put(instance(service, i))
  }
  const registry = await connect(`${kind}://127.0.0.1:${port}`)
  const view = registry.service('ours')
  await view.ready()
  view.subscribe(({ instances }) => {
    for (const { id, metadata } of instances) sides.ours.see({ id, mark: metadata[markKey] })
  })
  const watcher = raw[kind](port)
  const ids = Array.from({ length: size }, (_, i) => `raw-${i}`)
  await watcher.watch('raw', ids, (seen) => sides.raw.see(seen))

  const took: Record<'ours' | 'raw', number[]> = { ours: [], raw: [] }
  // The first few are for the compilers and caches of both sides.
  for (let pair = -3; pair < pairs; pair++) {
    for (const side of pair % 2 === 0 ? (['ours', 'raw'] as const) : (['raw', 'ours'] as const)) {
      const next = sleep(spacingMs)
      const written = instance(side, Math.abs(pair) % size, { metadata: { [markKey]: String(pair) } })
      const seen = sides[side].next({ id: written.id, mark: String(pair) })
      const start = performance.now()
      writer.put(written).catch((error: unknown) => mark(`a write failed: ${String(error)}`))
      const ms = (await seen) - start
      if (pair >= 0) took[side].push(ms)
      await next
    }
  }
  return took
}

/** Waits for one write to be seen. */
class Awaited {
  #wanted: Seen | undefined
  #resolve: (at: number) => void = () => {}

  /** When it was seen, as `performance.now()`. */
  next(wanted: Seen): Promise<number> {
    this.#wanted = wanted
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`${wanted.id} was not seen`)), limitMs)
      this.#resolve = (at) => {
        clearTimeout(limit)
        resolve(at)
      }
    })
  }

  see({ id, mark }: Seen): void {
    if (id === this.#wanted?.id && mark === this.#wanted.mark) this.#resolve(performance.now())
  }
}
