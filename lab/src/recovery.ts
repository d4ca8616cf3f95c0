import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startServer, type TestServer } from '@rollcall/testing'
import { rawIds } from './raw-reader.js'

/** One restart and how it ended. */
export interface Recovery {
  readonly server: string
  readonly data: 'keep' | 'wipe'
  readonly run: number
  /** From the port's first answer until all were listed again; null: not within TTL + 10 s. */
  readonly backAfterMs: number | null
}

export interface RecoveryPlan {
  readonly kind: 'consul' | 'etcd' | 'zookeeper'
  readonly runs: number
  readonly processes: number
  readonly instancesEach: number
  readonly ttlMs: number
  onRecovery(recovery: Recovery): void
}

const program = fileURLToPath(new URL('./announcer.js', import.meta.url))
const basePort = 20_000

/**
 * Kills a real server with SIGKILL and restarts it, with and without its data, while processes of their own announce
 * instances; reads past all code of ours when they are all listed again.
 */
export async function recover(plan: RecoveryPlan): Promise<void> {
  const server = await startServer(plan.kind)
  const announcers: ChildProcess[] = []
  try {
    for (let i = 0; i < plan.processes; i++) announcers.push(await announcer(server, plan, i))
    if ((await untilBack(server, plan, performance.now())) === null)
      throw new Error('they never were all listed')
    for (let run = 1; run <= plan.runs; run++) {
      for (const data of ['keep', 'wipe'] as const) plan.onRecovery(await restart(server, plan, data, run))
    }
  } finally {
    await Promise.all(announcers.map(end))
    await server.stop()
  }
}

async function restart(
  server: TestServer,
  plan: RecoveryPlan,
  data: 'keep' | 'wipe',
  run: number,
): Promise<Recovery> {
  await server.kill()
  // Sometimes shorter than a heartbeat's interval, sometimes longer than the TTL.
  await sleep(Math.random() * plan.ttlMs * 1.5)
  const { portAnsweredAt } = await server.restart({ data })
  return { server: server.description, data, run, backAfterMs: await untilBack(server, plan, portAnsweredAt) }
}

async function untilBack(server: TestServer, plan: RecoveryPlan, since: number): Promise<number | null> {
  const wanted = expectedIds(plan).join()
  while (performance.now() - since < plan.ttlMs + 10_000) {
    // Just started, some stores refuse to read for a moment.
    const ids = await rawIds(server, 'orders').catch((): string[] => [])
    if (ids.toSorted().join() === wanted) return Math.round(performance.now() - since)
    await sleep(50)
  }
  return null
}

function expectedIds({ processes, instancesEach }: RecoveryPlan): string[] {
  const ports = Array.from({ length: processes * instancesEach }, (_, i) => basePort + i)
  return ports.map((port) => `orders-127.0.0.1-${port}`).toSorted()
}

async function announcer(
  server: TestServer,
  { instancesEach, ttlMs }: RecoveryPlan,
  i: number,
): Promise<ChildProcess> {
  const args = [server.url, instancesEach, basePort + i * instancesEach, ttlMs].map(String)
  const child = fork(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (message !== 'announced') throw new Error(`an announcing process ended with ${message}`)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}
