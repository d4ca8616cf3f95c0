import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Kind } from './raw/index.js'

/** How many promises the store itself says that it keeps: Consul's checks, etcd's leases, ZooKeeper's sessions. */
export function countLeases(kind: Kind, port: number): Promise<number> {
  return counters[kind](port)
}

const counters: Readonly<Record<Kind, (port: number) => Promise<number>>> = {
  async consul(port) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/agent/checks`)
    return Object.keys((await answer.json()) as object).length
  },
  async etcd(port) {
    const answer = await fetch(`http://127.0.0.1:${port}/v3/lease/leases`, { method: 'POST', body: '{}' })
    return ((await answer.json()) as { leases?: unknown[] }).leases?.length ?? 0
  },
  async zookeeper(port) {
    const socket = connect(port, '127.0.0.1')
    socket.write('dump')
    return Number(/Sessions with Ephemerals \((\d+)\)/.exec(await text(socket))?.[1] ?? 0)
  },
}
