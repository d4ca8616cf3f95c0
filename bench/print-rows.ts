import type { Row } from './row.js'

export const header = ['', 'ours', 'reference', '', 'ratio', 'target', 'seen', '']

/** Ours, the reference, the ratio that counts, and whether the target is met. */
export function cellsOf({ name, ours, reference, ratio, target }: Row): string[] {
  return [
    name,
    `${figure(ours)} ${reference.unit}`,
    reference.name,
    `${figure(reference.value)} ${reference.unit}`,
    `x ${ratio.toFixed(2)}`,
    ...(target ? [target.wanted, target.seen, target.met ? 'met' : 'MISSED'] : ['', '', '']),
  ]
}

/** One aligned table. */
export function printRows(rows: readonly Row[]): void {
  const table = [header, ...rows.map(cellsOf)]
  const widths = header.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  for (const line of table) {
    const padded = line.map((cell, at) =>
      isFigure(at) ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
    )
    console.log(`  ${padded.join('  ').trimEnd()}`)
  }
}

export const isFigure = (column: number): boolean => column === 1 || column === 3 || column === 4

function figure(value: number): string {
  if (value === 0 || value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}
