import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.js'
import { backends, startBackend, type BackendName } from './backend.js'
import { chosenContenders, contenders, nameOf, type Contender } from './contender.js'
import { faultNames, type FaultName } from './fault.js'
import { judge, type Verdict } from './must.js'
import { runTrials } from './run.js'
import type { Row } from './row.js'
import type { Timing } from './trial.js'

export const callsHelp: string = `npm run lab -- calls [options]

Five real HTTP instances, each a process of its own, announce themselves on a real backend and are called at a steady
rate by views side by side; meanwhile one is killed, frozen, slow, answers 503, resets connections, and in the end all
five are replaced one by one. Shows for each way to call how many calls failed and how long they took, without and with
the fault; a call's time runs from when it was meant to begin. Exits with 1 if it does not show what it must.

  --backend NAME  ${backends.join(', ')}; default etcd
  --only NAME     only one way to call, balancer/strategy or one half of it; may be given again
  --fault NAME    only one of ${faultNames.join(', ')}; may be given again
  --quick         about a minute: fewer ways and calls, too few to judge a 99th percentile
  --json FILE     write rows { fault, strategy, balancer, made, failed, requestsPerCall, p50Ms, p99Ms, p99WithoutFaultMs }
  --servers WAY   processes or containers; default what can be had, processes first

Ways to call: ${contenders.map(nameOf).join(', ')}.
`

const options = {
  backend: { type: 'string', default: 'etcd' },
  only: { type: 'string', multiple: true, default: [] as string[] },
  fault: { type: 'string', multiple: true, default: [] as string[] },
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
} as const

const full: Timing = { rehearsalMs: 6000, warmUpMs: 3000, beforeMs: 35_000, duringMs: 35_000 }
const short: Timing = { rehearsalMs: 3000, warmUpMs: 1500, beforeMs: 3500, duringMs: 5000 }
/** Of all ways to call together: what half a core can do. */
const quickPerSecond = 800

export async function calls(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options })
  const backend = oneOf(backends, '--backend', values.backend)
  const chosen = values.fault.map((name) => oneOf(faultNames, '--fault', name))
  const ways = chosenContenders(values.only, values.quick)
  const rows = await run(backend, ways, chosen.length > 0 ? chosen : faultNames, values.quick)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
  return verdict(judge(rows, values.quick))
}

async function run(
  name: BackendName,
  ways: readonly Contender[],
  faults: readonly FaultName[],
  isQuick: boolean,
): Promise<Row[]> {
  const backend = await startBackend(name)
  try {
    const perSecond = isQuick ? Math.min(200, Math.floor(quickPerSecond / ways.length)) : 60
    const timing = isQuick ? short : full
    console.log(
      `Five instances on ${backend.description}, ${ways.length} ways to call, each ${perSecond} times a second.`,
    )
    return await runTrials({ backend, contenders: ways, faults, perSecond, timing })
  } finally {
    await backend.stop()
  }
}

function verdict(verdicts: readonly Verdict[]): number {
  console.log('')
  for (const { text, rows, breaches } of verdicts) {
    console.log(`${breaches.length === 0 ? 'holds' : 'FAILS'}: ${text} (${rows} ways)`)
    for (const { fault, failed, p99Ms, p99WithoutFaultMs, ...way } of breaches) {
      console.log(
        `  ${fault}, ${nameOf(way)}: ${failed} failed, p99 ${p99Ms} ms, without the fault ${p99WithoutFaultMs} ms`,
      )
    }
  }
  return verdicts.some(({ breaches }) => breaches.length > 0) ? 1 : 0
}

function oneOf<T extends string>(known: readonly T[], option: string, given: string): T {
  const found = known.find((name) => name === given)
  if (found === undefined) throw new UsageError(`${option} ${given}: give one of ${known.join(', ')}`)
  return found
}
