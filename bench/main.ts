import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { caseFlag, runCase } from './in-process.js'
import { machine } from './machine.js'
import { printRows } from './print-rows.js'
import { saveResults } from './results.js'
import type { Effort, Row } from './row.js'

const benches: Readonly<Record<string, () => Promise<{ bench(effort: Effort): Promise<Row[]> }>>> = {
  import: () => import('./import.js'),
  pick: () => import('./pick.js'),
  build: () => import('./build.js'),
  moved: () => import('./moved.js'),
  change: () => import('./change.js'),
  call: () => import('./call.js'),
  watch: () => import('./watch.js'),
  announce: () => import('./announce.js'),
}
const names = Object.keys(benches)

/** Several by one name. */
const groups: Readonly<Record<string, readonly string[]>> = {
  selection: ['pick', 'build', 'moved', 'change', 'call'],
}

const help = `npm run bench -- [options]

Measures Rollcall beside a reference in the same run: the floor (the least that any code must do) or a peer (another
package). Only ratios travel between machines; absolute figures are for a feeling. About fifteen minutes in all.

  --only NAME    one of ${names.join(', ')}, or selection for ${groups['selection']!.join(', ')};
                 may stand several times; all by default
  --quick        seconds instead of minutes: to see that it runs
  --json FILE    write rows { name, ours, reference: { name, value, unit }, ratio }
  --save         write table, rows and plots into bench/results
`

if (process.argv[2] === caseFlag) await runCase(process.argv[3]!, process.argv[4]!)
else await main()

async function main(): Promise<void> {
  const { values: args, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      save: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (args.help) return void process.stdout.write(help)
  const chosen = [...args.only, ...positionals].flatMap((name) => groups[name] ?? [name])
  const unknown = chosen.find((name) => !Object.hasOwn(benches, name))
  if (unknown !== undefined)
    throw new Error(`no bench ${unknown}: use ${[...names, ...Object.keys(groups)].join(', ')}`)
  const rows = await measure(chosen.length > 0 ? chosen : names, args.quick)
  console.log(`\n${machine()}\n`)
  printRows(rows)
  report(rows)
  if (args.json !== undefined) writeFileSync(args.json, `${JSON.stringify(rows.map(plain), null, 2)}\n`)
  if (args.save) saveResults(rows)
}

async function measure(chosen: readonly string[], quick: boolean): Promise<Row[]> {
  const rows: Row[] = []
  for (const name of chosen) {
    const start = performance.now()
    const progress = (text: string): void => console.error(`${name}: ${text}`)
    try {
      rows.push(...(await (await benches[name]!()).bench({ quick, progress })))
      progress(`done in ${((performance.now() - start) / 1000).toFixed(0)} s`)
    } catch (error) {
      // What the others measure is worth having all the same.
      console.error(`${name} failed:`, error)
      process.exitCode = 1
    }
  }
  return rows
}

function report(rows: readonly Row[]): void {
  const targets = rows.filter(({ target }) => target)
  const missed = targets.filter(({ target }) => !target!.met)
  console.log(`\n${targets.length - missed.length} of ${targets.length} targets met`)
  for (const { name, target } of missed) console.log(`  missed: ${name}: ${target!.seen}, ${target!.wanted}`)
}

function plain({ name, ours, reference, ratio }: Row): Row {
  return { name, ours, reference, ratio }
}
