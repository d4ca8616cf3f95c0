import { connect } from '@rollcall/core'
import { subscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { mark } from './in-process.js'
import { instance } from './instances.js'
import { raw, type Kind } from './raw/index.js'

export interface AnnounceInput {
  readonly kind: Kind
  readonly port: number
  readonly by: 'ours' | 'raw'
  readonly size: number
  readonly ttlMs: number
  readonly settleMs: number
  readonly windowMs: number
}

export interface AnnounceOutput {
  /** From the first request to the last answer. */
  readonly registeredInMs: number
  /** CPU of the whole process, in ms, while it only kept its instances alive. */
  readonly cpuMs: number
  /** HTTP requests begun in that time: Consul's heartbeats. */
  readonly requests: number
}

/** Announces, then stands still for a while, which is what a process mostly does. */
export async function run(input: AnnounceInput): Promise<AnnounceOutput> {
  const { settleMs, windowMs } = input
  let requests = 0
  subscribe('http.client.request.start', () => requests++)
  const start = performance.now()
  await announcers[input.by](input)
  const registeredInMs = performance.now() - start
  await sleep(settleMs)
  requests = 0
  mark('window begins')
  const before = process.cpuUsage()
  await sleep(windowMs)
  const { user, system } = process.cpuUsage(before)
  mark('window ends')
  return { registeredInMs, cpuMs: (user + system) / 1000, requests }
}

const announcers = {
  async ours({ kind, port, size, ttlMs }: AnnounceInput): Promise<void> {
    const registry = await connect(`${kind}://127.0.0.1:${port}`, { ttlMs })
    const all = Array.from({ length: size }, async (_, i) => {
      const { id, host } = instance('orders', i)
      const announcement = await registry.announce({ service: 'orders', id, host, port: 3000 })
      await announcement.registered()
    })
    await Promise.all(all)
  },
  async raw({ kind, port, size, ttlMs }: AnnounceInput): Promise<void> {
    const all = Array.from({ length: size }, (_, i) => instance('orders', i))
    await raw[kind](port).announce(all, ttlMs)
  },
}
