import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machine } from './machine.js'
import { pickPlot } from './pick-plot.js'
import { ratioPlot, targetPlot } from './plot.js'
import { cellsOf, header, isFigure } from './print-rows.js'
import type { Row } from './row.js'

const folder = 'bench/results'

/** Writes what was measured where it can be read without measuring again, with machine and date on all of it. */
export function saveResults(rows: readonly Row[]): void {
  const where = machine()
  mkdirSync(folder, { recursive: true })
  const save = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  save('results.json', `${JSON.stringify({ machine: where, rows }, null, 2)}\n`)
  save('results.md', markdown(rows, where))
  save('ratios.svg', ratioPlot(rows, where))
  save('pick.svg', pickPlot(rows, where))
  save('targets.svg', targetPlot(rows, where))
  console.log(`\nsaved in ${folder}`)
}

function markdown(rows: readonly Row[], where: string): string {
  const lines = [
    header.map((title) => title || ' '),
    header.map((_, at) => (isFigure(at) ? '--:' : '---')),
    ...rows.map(cellsOf),
  ]
  return `# What \`npm run bench -- --save\` saw

${where}

Each figure stands beside its reference from the same run; only the ratio travels between machines.

${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

![ratios](ratios.svg)

![picks](pick.svg)

![targets](targets.svg)
`
}
