import { inProcess } from './in-process.js'
import { kinds, type Kind } from './raw/index.js'
import { row, type Effort, type Row } from './row.js'
import { median, pairedDifference } from './statistics.js'
import type { WatchOutput } from './watch-case.js'

const peers = {
  consul: 'peer: blocking query by node:http',
  etcd: "peer: etcd3's raw watch stream",
  zookeeper: 'peer: node-zookeeper-client, watch and getData',
} as const

/** P9: from a raw write to the callback, ours and a raw client in turn, each with a write every second. */
export async function bench({ quick, progress }: Effort): Promise<Row[]> {
  const rows: Row[] = []
  for (const kind of kinds) {
    // Not at the top: every case's process would load it too.
    const { startServer } = await import('@rollcall/testing')
    const server = await startServer(kind, { how: 'process', ...(kind === 'consul' && { dev: true }) })
    try {
      const plan = quick ? { pairs: 6, spacingMs: 150 } : { pairs: 30, spacingMs: 500 }
      progress(`${server.description}, ${plan.pairs} writes to each, ${2 * plan.spacingMs} ms apart`)
      // Past the proxy, which would add its own time to both.
      rows.push(rowOf(kind, await inProcess('watch', { kind, port: server.directPort, ...plan }, progress)))
    } finally {
      await server.stop()
    }
  }
  return rows
}

function rowOf(kind: Kind, { ours, raw }: WatchOutput): Row {
  const difference = pairedDifference(ours, raw)
  const reference = { name: peers[kind], value: median(raw), unit: 'ms' }
  const sign = difference < 0 ? '-' : '+'
  return row(`${kind}: write to callback, 10 instances`, median(ours), reference, {
    wanted: 'at most + 0.3 ms or 10 %',
    seen: `${sign} ${Math.abs(difference).toFixed(2)} ms`,
    met: difference <= Math.max(0.3, 0.1 * reference.value),
  })
}
