import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { systemRandom } from '@rollcall/core/adapter'
import { row, type Effort, type Row } from './row.js'
import { median, pairedDifference, shuffle } from './statistics.js'

const opened = (url: string): string =>
  `import { connect } from '@rollcall/core'; await (await connect('${url}')).close();`

const scripts = {
  empty: '',
  core: `import '@rollcall/core';`,
  local: opened('local:'),
  consul: opened('consul:'),
  etcd: opened('etcd:'),
  zookeeper: opened('zookeeper:'),
} as const
type Script = keyof typeof scripts
const names = Object.keys(scripts) as Script[]

/** What a process had come to when its script was over. */
interface End {
  /** Since the process began. */
  readonly ms: number
  readonly mb: number
  /** Modules of other packages, the stores' clients among them: all of these are CommonJS. */
  readonly foreign: number
}

const measureEnd = `
  import { createRequire } from 'node:module';
  const ms = performance.now();
  const mb = process.memoryUsage.rss() / 2 ** 20;
  const foreign = Object.keys(createRequire(import.meta.url).cache).length;
  console.log(JSON.stringify({ ms, mb, foreign }));`

/**
 * P13: what importing core costs, and who loads a store's client. All scripts in turn, in random order. Core is the
 * bundle that users get.
 */
export async function bench({ quick, progress }: Effort): Promise<Row[]> {
  const rounds = quick ? 5 : 25
  const ends = Object.fromEntries(names.map((name) => [name, [] as End[]])) as Record<Script, End[]>
  progress(`${rounds} rounds of ${names.length} processes`)
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffle([...names], systemRandom())) ends[name].push(await endOf(scripts[name]))
  }
  const taken = (name: Script, of: keyof End): number[] => ends[name].map((end) => end[of])
  return [
    costRow('import @rollcall/core: time', taken('core', 'ms'), taken('empty', 'ms'), 'ms', 10),
    costRow('import @rollcall/core: memory', taken('core', 'mb'), taken('empty', 'mb'), 'MB', 3),
    costRow("connect('local:'): time", taken('local', 'ms'), taken('empty', 'ms'), 'ms'),
    costRow("connect('local:'): memory", taken('local', 'mb'), taken('empty', 'mb'), 'MB'),
    costRow("connect('consul:'): time", taken('consul', 'ms'), taken('empty', 'ms'), 'ms'),
    costRow("connect('etcd:'): time", taken('etcd', 'ms'), taken('empty', 'ms'), 'ms'),
    costRow("connect('zookeeper:'): time", taken('zookeeper', 'ms'), taken('empty', 'ms'), 'ms'),
    foreignRow(median(taken('local', 'foreign')), median(taken('etcd', 'foreign'))),
  ]
}

async function endOf(script: string): Promise<End> {
  const flags = ['--conditions=@rollcall/bundle', '--input-type=module', '--eval', script + measureEnd]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(await text(child.stdout)) as End
}

function costRow(
  name: string,
  ours: readonly number[],
  empty: readonly number[],
  unit: 'ms' | 'MB',
  most?: number,
): Row {
  const more = pairedDifference(ours, empty)
  const reference = { name: 'floor: an empty script', value: median(empty), unit } as const
  const seen = `+ ${more.toFixed(1)} ${unit}`
  const target = { wanted: `at most + ${most} ${unit}`, seen, met: more <= (most ?? 0) }
  return row(name, median(ours), reference, most === undefined ? undefined : target)
}

function foreignRow(local: number, etcd: number): Row {
  const reference = { name: "peer: connect('etcd:')", value: etcd, unit: 'files' } as const
  const target = { wanted: '0 of local:', seen: `${local}`, met: local === 0 && etcd > 0 }
  return row("connect('local:'): files of stores' clients loaded", local, reference, target)
}
