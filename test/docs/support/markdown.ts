import { readFileSync } from 'node:fs'

/** A row of a table: its cells by the column's title, without backticks around a whole cell. */
export type Row = Readonly<Record<string, string>>

/** The headings of a document, of all levels. */
export function headingsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map((found) => found[1]!)
}

/** The first table under a heading. Throws when there is none. */
export function tableUnder(file: string, heading: string): Row[] {
  const sections = readFileSync(file, 'utf8').split(/^(?=#+ )/m)
  const section = sections.find((text) => text.replace(/^#+ /, '').startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`${file} has no heading ${heading}`)
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  const [titles, , ...rows] = lines.map(cellsOf)
  if (titles === undefined) throw new Error(`${file} has no table under ${heading}`)
  return rows.map((cells) => Object.fromEntries(titles.map((title, i) => [title, cells[i] ?? ''])))
}

function cellsOf(line: string): string[] {
  const cells = line.split('|').slice(1, -1)
  return cells.map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'))
}
