import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { printRows } from './print-rows.js'
import type { Row } from './row.js'

/** Each is loaded only when it is run: what one of them imports would be measured by the others. */
const benches: Readonly<Record<string, () => Promise<{ bench(): Promise<Row[]> }>>> = {
  pick: () => import('./pick.js'),
}

const help = `usage: npm run bench -- [--json FILE] [${Object.keys(benches).join('|')} ...]

Measures Rollcall beside a reference in the same run: the floor (the least that any code must do) or a peer (another
package). Only ratios travel between machines.
`

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, help: { type: 'boolean', default: false } },
})

if (args.help) process.stdout.write(help)
else await main(positionals.length > 0 ? positionals : Object.keys(benches), args.json)

async function main(names: readonly string[], json: string | undefined): Promise<void> {
  const unknown = names.find((name) => !Object.hasOwn(benches, name))
  if (unknown !== undefined) throw new Error(`no bench ${unknown}: use ${Object.keys(benches).join(', ')}`)
  const [cpu] = cpus()
  console.log(`Node ${process.versions.node}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}`)
  const rows: Row[] = []
  for (const name of names) {
    console.log(`\n${name}`)
    const measured = await (await benches[name]!()).bench()
    printRows(measured)
    rows.push(...measured)
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`)
}
