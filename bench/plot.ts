import type { Row } from './row.js'
import { Svg } from './svg.js'

const ok = '#1a7f37'
const missed = '#cf222e'
const plain = '#57606a'
const lineHeight = 18

/** Ratios on one logarithmic axis: left of 1 is cheaper than the reference. Picks have a plot of their own. */
export function ratioPlot(rows: readonly Row[], where: string): string {
  const shown = rows.filter(
    ({ name, ratio, reference }) => ratio > 0.05 && reference.unit !== 'ns' && !/garbage|among/.test(name),
  )
  const [left, width, top] = [440, 420, 60]
  const most = Math.max(2, ...shown.map(({ ratio }) => ratio))
  const [low, high] = [Math.log(0.25), Math.log(most * 1.1)]
  const x = (ratio: number): number => left + (width * (Math.log(Math.max(ratio, 0.25)) - low)) / (high - low)
  const bottom = top + shown.length * lineHeight
  const svg = new Svg(left + width + 80, bottom + 40)
  svg.text(12, 20, 'Rollcall over its reference', { bold: true })
  svg.text(12, 38, where, { fill: plain })
  for (const tick of [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512].filter((value) => value <= most)) {
    svg.line([x(tick), top - 4], [x(tick), bottom], tick === 1 ? '#24292f' : '#d0d7de')
    svg.text(x(tick), bottom + 16, `x ${tick}`, { anchor: 'middle', fill: plain })
  }
  shown.forEach(({ name, ratio, target }, i) => {
    const y = top + i * lineHeight + 12
    const fill = target === undefined ? plain : target.met ? ok : missed
    svg.text(left - 10, y, name, { anchor: 'end' })
    svg.line([x(1), y - 4], [x(ratio), y - 4], fill, 3)
    svg.dot([x(ratio), y - 4], fill)
    // A small ratio's own side is where the names stand.
    svg.text(Math.max(x(1), x(ratio)) + 8, y, ratio.toFixed(2), { anchor: 'start', fill })
  })
  svg.text(12, bottom + 34, 'green: target met; red: missed; grey: no target', { fill: plain })
  return svg.toString()
}

/** What part of what its target allows each row used, on one logarithmic axis: left of 1 the target is met. */
export function targetPlot(rows: readonly Row[], where: string): string {
  const shown = rows.filter(({ target }) => target?.used !== undefined)
  const [left, width, top, least] = [560, 420, 60, 0.01]
  const usedBy = ({ target }: Row): number => Math.max(least, target!.used!)
  const most = Math.max(2, ...shown.map(usedBy)) * 1.1
  const x = (used: number): number => left + (width * Math.log(used / least)) / Math.log(most / least)
  const bottom = top + shown.length * lineHeight
  const svg = new Svg(left + width + 120, bottom + 40)
  svg.text(12, 20, 'How much of its target each row used', { bold: true })
  svg.text(12, 38, where, { fill: plain })
  for (const tick of [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100].filter((value) => value <= most)) {
    svg.line([x(tick), top - 4], [x(tick), bottom], tick === 1 ? missed : '#d0d7de')
    svg.text(x(tick), bottom + 16, `${tick}`, { anchor: 'middle', fill: plain })
  }
  shown.forEach((row, i) => {
    const y = top + i * lineHeight + 12
    const fill = row.target!.met ? ok : missed
    svg.text(left - 10, y, `${row.name} (${row.target!.wanted} of ${row.reference.name.split(':')[0]})`, {
      anchor: 'end',
    })
    svg.line([x(least), y - 4], [x(usedBy(row)), y - 4], fill, 3)
    svg.dot([x(usedBy(row)), y - 4], fill)
    svg.text(left + width + 12, y, row.target!.seen, { fill })
  })
  svg.text(12, bottom + 34, 'green: target met; red: missed; 1 is all that the target allows', {
    fill: plain,
  })
  return svg.toString()
}
