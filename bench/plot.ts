import type { Row } from './row.js'
import { Svg } from './svg.js'

const ok = '#1a7f37'
const missed = '#cf222e'
const plain = '#57606a'
const lineHeight = 18

/** Every row's ratio on one logarithmic axis: left of 1 is cheaper than the reference. */
export function ratioPlot(rows: readonly Row[], where: string): string {
  const shown = rows.filter(({ ratio }) => ratio > 0.05)
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

const colours = ['#0969da', '#8250df', '#1a7f37', '#bf3989', '#9a6700']

/** What a pick costs as a set grows, as multiples of its floor. */
export function pickPlot(rows: readonly Row[], where: string): string {
  const series = new Map<string, { size: number; ratio: number }[]>()
  for (const { name, ratio, reference, target } of rows) {
    const [, title, size] = /^(.*), (\d+) instances$/.exec(name) ?? []
    if (!title || !target || reference.unit !== 'ns') continue
    series.set(title, [...(series.get(title) ?? []), { size: Number(size), ratio }])
  }
  const [left, top, width, height] = [60, 60, 420, 260]
  const most = Math.max(3, ...[...series.values()].flat().map(({ ratio }) => ratio))
  const x = (size: number): number => left + (width * (Math.log10(size) - 1)) / 3
  const y = (ratio: number): number => top + height - (height * ratio) / most
  const svg = new Svg(left + width + 280, top + height + 50)
  svg.text(12, 20, 'One pick, as a multiple of its floor', { bold: true })
  svg.text(12, 38, where, { fill: plain })
  for (let ratio = 0; ratio <= most; ratio++) {
    svg.line([left, y(ratio)], [left + width, y(ratio)], ratio === 2 ? missed : '#d0d7de')
    svg.text(left - 8, y(ratio) + 4, `x ${ratio}`, { anchor: 'end', fill: plain })
  }
  for (const size of [10, 1_000, 10_000]) {
    svg.text(x(size), top + height + 20, `${size} instances`, { anchor: 'middle', fill: plain })
  }
  ;[...series].forEach(([title, points], i) => {
    const colour = colours[i % colours.length]!
    points.forEach(({ size, ratio }, at) => {
      const before = points[at - 1]
      if (before) svg.line([x(before.size), y(before.ratio)], [x(size), y(ratio)], colour, 2)
      svg.dot([x(size), y(ratio)], colour)
    })
    svg.text(left + width + 50, top + 16 + i * lineHeight, title, { fill: colour })
  })
  svg.text(left + width + 50, top + 16 + series.size * lineHeight, 'the target: at most x 2', {
    fill: missed,
  })
  return svg.toString()
}
