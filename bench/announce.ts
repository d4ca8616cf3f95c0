import type { AnnounceOutput } from './announce-case.js'
import { inProcess } from './in-process.js'
import { countLeases } from './count-leases.js'
import { kinds, type Kind } from './raw/index.js'
import { row, rowAtMost, type Effort, type Reference, type Row } from './row.js'

const serverOptions = {
  consul: { how: 'process', dev: true },
  etcd: { how: 'process' },
  // By default it would grant sessions of 10 s only.
  zookeeper: { how: 'process', maxSessionTimeoutMs: 40_000 },
} as const

const floors = {
  consul: 'floor: a PUT by node:http, kept alive',
  etcd: "floor: one lease and stream of etcd3's",
  zookeeper: 'floor: one session of node-zookeeper-client',
} as const

const size = 1_000
const ttlMs = 15_000

/** P10: 1,000 instances from one process, beside the least that keeps as many alive; each with a server of its own. */
export async function bench({ quick, progress }: Effort): Promise<Row[]> {
  const windowMs = quick ? 4_000 : 30_000
  progress(`${size} instances in each of 6 processes, then ${windowMs / 1000} s at rest`)
  // All at once: a few percent of a core in all, and each beside its floor at the same moments.
  const pairs = await Promise.all(
    kinds.map(async (kind) => {
      const [ours, raw] = await Promise.all([
        announced(kind, 'ours', windowMs),
        announced(kind, 'raw', windowMs),
      ])
      progress(`${kind}: registered in ${ours.registeredInMs.toFixed(0)} ms`)
      return rowsOf(kind, ours, raw)
    }),
  )
  return pairs.flat()
}

interface Announced extends AnnounceOutput {
  readonly connections: number
  readonly leases: number
  readonly bytes: number
  readonly seconds: number
}

async function announced(kind: Kind, by: 'ours' | 'raw', windowMs: number): Promise<Announced> {
  // Not at the top: every case's process would load it too.
  const { startServer } = await import('@rollcall/testing')
  const server = await startServer(kind, serverOptions[kind])
  try {
    const { proxy } = server
    const sentAt: number[] = []
    const input = { kind, port: server.port, by, size, ttlMs, settleMs: 4_000, windowMs }
    const output = await inProcess('announce', input, () => sentAt.push(proxy.bytesToServer))
    const leases = await countLeases(kind, server.directPort)
    const bytes = sentAt[1]! - sentAt[0]!
    return { ...output, connections: proxy.accepted, leases, bytes, seconds: windowMs / 1000 }
  } finally {
    await server.stop()
  }
}

function rowsOf(kind: Kind, ours: Announced, raw: Announced): Row[] {
  const floor = floors[kind]
  const compared = (
    what: string,
    unit: string,
    of: (one: Announced) => number,
  ): [string, number, Reference] => [
    `${kind}, ${size} instances: ${what}`,
    of(ours),
    { name: floor, value: of(raw), unit },
  ]
  const atRest = compared('bytes to the store at rest', 'B/s', ({ bytes, seconds }) => bytes / seconds)
  const connections = compared('connections', '', (one) => one.connections)
  if (kind === 'consul') {
    return [
      rowAtMost(1.15, ...compared('CPU per heartbeat', 'us', (one) => (one.cpuMs * 1000) / one.requests)),
      row(...compared('heartbeats', '/s', ({ requests, seconds }) => requests / seconds)),
      row(...connections),
      row(...atRest),
    ]
  }
  const leases = compared(kind === 'etcd' ? 'leases' : 'sessions', '', (one) => one.leases)
  return [
    one(...connections),
    one(...leases),
    row(...compared('CPU at rest', 'ms/s', ({ cpuMs, seconds }) => cpuMs / seconds)),
    row(...atRest),
  ]
}

/** A row of which there may be one in a process, however many instances. */
function one(name: string, ours: number, reference: Reference): Row {
  return row(name, ours, reference, { wanted: '1', seen: String(ours), met: ours === 1 })
}
