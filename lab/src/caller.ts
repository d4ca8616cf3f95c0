import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Registry } from '@rollcall/core'
import type { CallerCommand, CallerMessage, CallerPlan } from './calls/caller-process.js'
import { Tally } from './calls/tally.js'
import { Traffic } from './calls/traffic.js'

// Calls `orders` in several ways at once, and counts by phases that its parent names.
const { url, contenders, perSecond } = JSON.parse(process.argv[2] ?? '') as CallerPlan

const registry = await connect(url)
let traffic: Traffic[] = []
let before: Tally[] = []
let busySince = { cpu: process.cpuUsage(), at: performance.now() }

process.on('message', (command: CallerCommand) => {
  // What fails ends this process, and the parent tells.
  void obey(command)
})
process.once('disconnect', () => process.exit(1))
setInterval(tellProgress, 200).unref()
tell({ type: 'started' })

async function obey(command: CallerCommand): Promise<void> {
  switch (command.type) {
    case 'open':
      await untilListed(registry, command.ids)
      traffic = contenders.map((contender) => new Traffic(registry, contender, perSecond))
      return tell({ type: 'opened' })
    case 'before':
      busySince = { cpu: process.cpuUsage(), at: performance.now() }
      return newTallies()
    case 'during':
      before = traffic.map(({ tally }) => tally)
      return newTallies()
    case 'finish':
      return finish()
  }
}

function newTallies(): void {
  for (const one of traffic) one.tally = new Tally()
}

async function finish(): Promise<void> {
  const busy = busyShare()
  await Promise.all(traffic.map((one) => one.stop()))
  const results = traffic.map(({ contender, tally }, i) => ({
    contender,
    before: (before[i] ?? tally).summary(),
    during: tally.summary(),
  }))
  traffic = []
  before = []
  tell({ type: 'results', results, busy })
}

/** Everybody meant is up, and nobody else: what a fault before left behind must not count for the next. */
async function untilListed(registry: Registry, ids: readonly string[]): Promise<void> {
  const view = registry.service('orders')
  await view.ready({ signal: AbortSignal.timeout(10_000) })
  const wanted = ids.toSorted().join()
  const end = performance.now() + 60_000
  for (;;) {
    const { instances = [], held } = view.snapshot ?? {}
    const up = instances.filter(({ id, status }) => status === 'up' && !held?.has(id))
    if (
      up
        .map(({ id }) => id)
        .toSorted()
        .join() === wanted
    )
      return
    if (performance.now() > end) throw new Error(`not listed within 60 s: ${wanted}`)
    await sleep(20)
  }
}

function tellProgress(): void {
  const made = traffic.reduce((sum, { tally }) => sum + tally.made, 0)
  const failed = traffic.reduce((sum, { tally }) => sum + tally.failed, 0)
  if (process.connected) tell({ type: 'progress', made, failed })
}

function busyShare(): number {
  const { user, system } = process.cpuUsage(busySince.cpu)
  return (user + system) / 1000 / (performance.now() - busySince.at)
}

function tell(message: CallerMessage): void {
  process.send?.(message)
}
