import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { recover, type Recovery, type RecoveryPlan } from './recovery.js'
import { UsageError } from './usage-error.js'

export const recoveryHelp = `npm run lab -- recovery [options]

Kills a real Consul, etcd and ZooKeeper with SIGKILL and restarts them, with and without their data, while processes
announce instances; reads with raw clients when all of them are listed again. Exits with 1 if one was not within
TTL + 10 s.

  --kind NAME    consul, etcd or zookeeper; all three by default
  --runs N       restarts of each kind with data, and as many without, default 20
  --ttl MS       the registry's TTL, default 6000
  --json FILE    write rows { server, data, run, backAfterMs }
`

const kinds = ['consul', 'etcd', 'zookeeper'] as const

const options = {
  kind: { type: 'string' },
  runs: { type: 'string', default: '20' },
  ttl: { type: 'string', default: '6000' },
  json: { type: 'string' },
} as const

export async function recovery(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options })
  const rows: Recovery[] = []
  const chosen = kinds.filter((kind) => values.kind === undefined || kind === values.kind)
  if (chosen.length === 0) throw new UsageError(`--kind ${values.kind}: give one of ${kinds.join(', ')}`)
  for (const kind of chosen) {
    const plan: RecoveryPlan = {
      kind,
      runs: Number(values.runs),
      processes: 5,
      instancesEach: 10,
      ttlMs: Number(values.ttl),
      onRecovery(row) {
        rows.push(row)
        const { server, data, run, backAfterMs } = row
        console.log(
          `${server}, data ${data}, run ${run}: ${backAfterMs === null ? 'MISSED' : `${backAfterMs} ms`}`,
        )
      },
    }
    await recover(plan)
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
  return report(rows)
}

function report(rows: readonly Recovery[]): number {
  console.log('\nAll 50 instances back, in milliseconds since the port answered:')
  for (const name of new Set(rows.map(groupOf))) {
    const times = rows.filter((row) => groupOf(row) === name).map(({ backAfterMs }) => backAfterMs)
    const back = times.filter((ms) => ms !== null).toSorted((a, b) => a - b)
    const missed = times.length - back.length
    const median = back[Math.floor(back.length / 2)]
    console.log(`  ${name}: ${times.length} runs, ${missed} missed, median ${median}, slowest ${back.at(-1)}`)
  }
  return rows.some(({ backAfterMs }) => backAfterMs === null) ? 1 : 0
}

function groupOf({ server, data }: Recovery): string {
  return `${server}, data ${data === 'keep' ? 'kept' : 'wiped'}`
}
