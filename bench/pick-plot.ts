import type { Row } from './row.js'
import { Svg } from './svg.js'

interface Series {
  readonly title: string
  readonly isPeer: boolean
  readonly points: { readonly size: number; readonly ns: number }[]
}

const grey = '#8c959f'
const [left, top, width, height] = [70, 60, 520, 640]
const labelHeight = 16

/** What a pick costs as a set grows, on logarithmic axes: a flat line is a pick that does not care. */
export function pickPlot(rows: readonly Row[], where: string): string {
  const all = seriesOf(rows)
  const costs = all.flatMap(({ points }) => points.map(({ ns }) => ns))
  const [least, most] = [Math.min(4, ...costs), Math.max(1_000, ...costs) * 1.2]
  const x = (size: number): number => left + (width * (Math.log10(size) - 1)) / 3
  const y = (ns: number): number => top + height - (height * Math.log(ns / least)) / Math.log(most / least)
  const svg = new Svg(left + width + 330, top + height + 60)
  svg.text(12, 20, 'Nanoseconds per pick', { bold: true })
  svg.text(12, 38, where, { fill: '#57606a' })
  for (let ns = 10; ns <= most; ns *= 10) {
    svg.line([left, y(ns)], [left + width, y(ns)], '#d0d7de')
    svg.text(left - 8, y(ns) + 4, ns.toLocaleString('en'), { anchor: 'end', fill: '#57606a' })
  }
  for (const size of [10, 100, 1_000, 10_000]) {
    svg.line([x(size), top], [x(size), top + height], '#eaeef2')
    svg.text(x(size), top + height + 20, size.toLocaleString('en'), { anchor: 'middle' })
  }
  const sorted = all.toSorted((a, b) => b.points.at(-1)!.ns - a.points.at(-1)!.ns)
  sorted.forEach((series, i) => draw(svg, series, colourOf(series, i, all.length), x, y))
  label(svg, sorted, (series) => [x(series.points.at(-1)!.size), y(series.points.at(-1)!.ns)])
  svg.text(12, top + height + 46, 'across: instances; dashed: other packages, in the same run', {
    fill: '#57606a',
  })
  return svg.toString()
}

/** Ours by the rows' names, others by their references'. */
function seriesOf(rows: readonly Row[]): Series[] {
  const all = new Map<string, Series>()
  const add = (title: string, isPeer: boolean, size: number, ns: number): void => {
    const series = all.get(title) ?? { title, isPeer, points: [] }
    all.set(title, series)
    if (!series.points.some((point) => point.size === size)) series.points.push({ size, ns })
  }
  for (const { name, ours, reference } of rows) {
    const [, title, size] = /^(.*), (\d+) instances$/.exec(name) ?? []
    if (!title || reference.unit !== 'ns') continue
    add(title.replace(/^pick /, ''), false, Number(size), ours)
    const [kind, peer] = reference.name.split(': ')
    if (kind === 'peer') add(peer!, true, Number(size), reference.value)
  }
  for (const { points } of all.values()) points.sort((a, b) => a.size - b.size)
  return [...all.values()]
}

function draw(
  svg: Svg,
  { isPeer, points }: Series,
  colour: string,
  x: (size: number) => number,
  y: (ns: number) => number,
): void {
  points.forEach(({ size, ns }, at) => {
    const before = points[at - 1]
    if (before)
      svg.line([x(before.size), y(before.ns)], [x(size), y(ns)], colour, 2, isPeer ? '5 4' : undefined)
    svg.dot([x(size), y(ns)], colour)
  })
}

/** Names at the right, each as near to its line's end as the one above allows. */
function label(
  svg: Svg,
  sorted: readonly Series[],
  endOf: (series: Series) => readonly [number, number],
): void {
  let next = top - labelHeight
  sorted.forEach((series, i) => {
    const [x, y] = endOf(series)
    const room = top + height - (sorted.length - 1 - i) * labelHeight
    next = Math.min(Math.max(y + 4, next + labelHeight), room)
    const colour = colourOf(series, i, sorted.length)
    svg.line([x + 6, y], [left + width + 30, next - 4], '#d0d7de')
    svg.text(left + width + 34, next, `${series.title}: ${series.points.at(-1)!.ns.toFixed(0)} ns`, {
      fill: colour,
    })
  })
}

/** Hues apart for neighbours too: 137.5 degrees is the golden angle. */
function colourOf({ isPeer }: Series, i: number, count: number): string {
  return isPeer ? grey : `hsl(${((i * 137.5) % 360).toFixed(0)} 65% ${30 + (20 * i) / count}%)`
}
