import type { Row } from './row.js'

/** A table: ours, the reference, and the ratio that counts. */
export function printRows(rows: readonly Row[]): void {
  const cells = rows.map(({ name, ours, reference, ratio }) => [
    name,
    `${figure(ours)} ${reference.unit}`,
    reference.name,
    `${figure(reference.value)} ${reference.unit}`,
    `x ${ratio.toFixed(2)}`,
  ])
  const table = [['', 'ours', 'reference', '', 'ratio'], ...cells]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  for (const line of table) {
    const padded = line.map((cell, at) =>
      isFigure(at) ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
    )
    console.log(`  ${padded.join('  ').trimEnd()}`)
  }
}

const isFigure = (column: number): boolean => column === 1 || column >= 3

function figure(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}
