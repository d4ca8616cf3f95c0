import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { connect, type Registry } from '@rollcall/core'
import { Caller } from './caller.js'
import { Scenario } from './scenario.js'
import { LivePicture, tableLines } from './table.js'

const help = `Three real HTTP services announce themselves, a caller calls them at a steady rate; one is killed,
one frozen and thawed, one started, one leaves. No call may fail.

  --registry URL   where they meet: local: (default), consul://…, etcd://…, zookeeper://…
  --json FILE      write { calls: { made, failed }, events: [{ event, noticedMs }] }
  --rate N         calls per second, default 50
`

const { values: args } = parseArgs({
  options: {
    registry: { type: 'string', default: 'local:' },
    json: { type: 'string' },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean', default: false },
  },
})

if (args.help) {
  process.stdout.write(help)
} else {
  process.exitCode = await run(args.registry, Number(args.rate), args.json)
}

async function run(url: string, perSecond: number, json: string | undefined): Promise<number> {
  if (url.startsWith('memory:'))
    throw new Error('memory: lives in one process, and this demo has many: use local:')
  if (!(perSecond > 0 && perSecond <= 1000))
    throw new Error(`--rate ${perSecond}: give 1 to 1000 calls per second`)
  // Short, so that the frozen one is off the list while somebody still watches.
  const ttlMs = /[?&]ttlMs=/.test(url) ? undefined : 3000
  const registry = await connect(url, ttlMs === undefined ? {} : { ttlMs })
  try {
    return await show(registry, ttlMs === undefined ? [url] : [url, String(ttlMs)], perSecond, json)
  } finally {
    await registry.close()
  }
}

async function show(
  registry: Registry,
  serviceArgs: readonly string[],
  perSecond: number,
  json: string | undefined,
): Promise<number> {
  const view = registry.service('orders')
  const caller = new Caller(view, { perSecond, attemptTimeoutMs: 500 })
  const log: string[] = []
  const live = process.stdout.isTTY
  const start = performance.now()
  const say = (text: string): void => {
    const line = `${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${text}`
    if (live) log.push(line)
    else console.log(line)
  }
  const scenario = new Scenario({ view, serviceArgs, limitMs: 30_000, pauseMs: 2000, say })
  console.log(`Services meet at ${registry.url}. Starting three of them …\n`)
  const picture = new LivePicture()
  const draw = (): void => picture.draw([...tableLines(view, caller, scenario.cast), '', ...log, ''])
  let drawing: NodeJS.Timeout | undefined
  try {
    await scenario.assemble()
    caller.start()
    if (live) drawing = setInterval(draw, 200)
    await scenario.play()
    await caller.stop()
    if (live) draw()
    else console.log(['', ...tableLines(view, caller, scenario.cast)].join('\n'))
  } finally {
    clearInterval(drawing)
    await scenario.end()
  }
  return summarise(scenario, caller, json)
}

function summarise({ noticed }: Scenario, { made, failed }: Caller, json: string | undefined): number {
  const unnoticed = noticed.filter(({ noticedMs }) => noticedMs === undefined)
  console.log(`\n${made} calls made, ${failed.length} failed.`)
  for (const { event, noticedMs } of noticed)
    console.log(`  ${event.padEnd(7)} noticed after ${noticedMs ?? '–'} ms`)
  for (const error of failed.slice(0, 3)) console.log(error)
  if (json !== undefined) {
    const events = noticed.map(({ event, noticedMs }) => ({ event, noticedMs: noticedMs ?? null }))
    writeFileSync(json, `${JSON.stringify({ calls: { made, failed: failed.length }, events }, null, 2)}\n`)
  }
  return failed.length === 0 && unnoticed.length === 0 ? 0 : 1
}
