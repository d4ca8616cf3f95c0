import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemRandom } from '@rollcall/core/adapter'
import type { CallInput, CallOutput } from './call-case.js'
import { inProcess } from './in-process.js'
import { row, type Effort, type Row } from './row.js'
import { middleBy, shuffle } from './statistics.js'

type Wanted = Omit<CallInput, 'ports' | 'calls'>

const wanted: readonly Wanted[] = (['round-robin', 'peak-ewma'] as const).flatMap((by) => [
  { by, how: 'call', beside: 'pool' },
  { by, how: 'acquire', beside: 'pool' },
  { by, how: 'call', beside: 'balancedPool' },
])

/** P12: an HTTP call through a view, beside the same call by one fixed pool. This process is the server. */
export async function bench(effort: Effort): Promise<Row[]> {
  const servers = await Promise.all(Array.from({ length: 3 }, () => listen()))
  try {
    const ports = servers.map((server) => (server.address() as AddressInfo).port)
    const seen = await measured(ports, effort)
    return wanted.map((one) => rowOf(one, seen.get(one)!))
  } finally {
    for (const server of servers) server.close().closeAllConnections()
  }
}

async function listen(): Promise<Server> {
  const server = createServer((_, response) => void response.end('here'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function measured(
  ports: readonly number[],
  { quick, progress }: Effort,
): Promise<Map<Wanted, CallOutput>> {
  const all = new Map<Wanted, CallOutput[]>(wanted.map((one) => [one, []]))
  const rounds = quick ? 1 : 5
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, ${wanted.length} processes`)
    for (const one of shuffle([...wanted], systemRandom())) {
      all.get(one)!.push(await inProcess('call', { ...one, ports, calls: quick ? 500 : 10_000 }))
    }
  }
  return new Map([...all].map(([one, outputs]) => [one, middleBy(outputs, ({ moreUs }) => moreUs)]))
}

function rowOf({ by, how, beside }: Wanted, { us, besideUs, moreUs }: CallOutput): Row {
  const way = how === 'call' ? 'call()' : 'acquire() and done()'
  const name = `HTTP call by ${way}, ${by}`
  if (beside === 'balancedPool')
    return row(name, us, { name: "peer: undici's BalancedPool", value: besideUs, unit: 'us' })
  const seen = `${moreUs < 0 ? '-' : '+'} ${Math.abs(moreUs).toFixed(2)} us`
  return row(
    name,
    us,
    { name: 'floor: a fixed Pool of undici', value: besideUs, unit: 'us' },
    { wanted: 'at most + 2 us', seen, met: moreUs <= 2, used: Math.max(0, moreUs) / 2 },
  )
}
