import { Svg } from '../../../bench/svg.js'

/** Lines over a common axis. */
interface LineChart {
  readonly kind: 'lines'
  readonly title: string
  readonly note: string
  readonly x: Axis & { readonly ticks: readonly (readonly [at: number, label: string])[] }
  readonly y: Axis
  readonly series: readonly {
    readonly name: string
    readonly points: readonly (readonly [x: number, y: number])[]
  }[]
  /** What happened between two places of the x axis. */
  readonly span?: { readonly from: number; readonly to: number; readonly label: string }
}

interface BarChart {
  readonly kind: 'bars'
  readonly title: string
  readonly note: string
  readonly unit: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
  /** A value that all are to be compared with. */
  readonly mark?: { readonly value: number; readonly label: string }
}

export type Chart = LineChart | BarChart

interface Axis {
  readonly label: string
  /** Logarithmic: from the lowest value up instead of from 0. */
  readonly log?: boolean
}

const colours = ['#0969da', '#cf222e', '#1a7f37', '#8250df', '#9a6700', '#bf3989']
const grid = '#d0d7de'
const soft = '#57606a'
const shade = '#fff1e5'

export function svgOf(chart: Chart): string {
  return chart.kind === 'lines' ? drawLines(chart) : drawBars(chart)
}

const frame = { left: 70, top: 84, width: 480, height: 250 }

/** A letter of the legend, roughly: how wide text is, only who shows it knows. */
const letter = 7

function drawLines({ title, note, x, y, series, span }: LineChart): string {
  const { left, top, width, height } = frame
  const legend = 60 + letter * Math.max(...series.map(({ name }) => name.length))
  const svg = headed(left + width + legend, top + height + 60, title, note)
  const values = series.flatMap(({ points }) => points.map(([, value]) => value))
  const scale = y.log ? logScale(values) : linearScale(values)
  const xs = [...series.flatMap(({ points }) => points.map(([at]) => at)), ...x.ticks.map(([at]) => at)]
  const [first, last] = [Math.min(...xs), Math.max(...xs)]
  const across = (at: number): number => left + (width * (at - first)) / (last - first)
  const up = (value: number): number => top + height * (1 - scale.place(value))
  if (span) {
    svg.box([across(span.from), top], across(span.to) - across(span.from), height, shade)
    svg.text((across(span.from) + across(span.to)) / 2, top + 14, span.label, {
      anchor: 'middle',
      fill: soft,
    })
  }
  for (const tick of scale.ticks) {
    svg.line([left, up(tick)], [left + width, up(tick)], grid)
    svg.text(left - 8, up(tick) + 4, plain(tick), { anchor: 'end', fill: soft })
  }
  for (const [at, label] of x.ticks) {
    svg.line([across(at), top + height], [across(at), top + height + 5], soft)
    svg.text(across(at), top + height + 20, label, { anchor: 'middle', fill: soft })
  }
  svg.text(left + width / 2, top + height + 42, x.label, { anchor: 'middle', fill: soft })
  svg.text(12, top - 14, y.label, { fill: soft })
  series.forEach(({ name, points }, i) => {
    const colour = colours[i % colours.length]!
    svg.path(
      points.map(([at, value]) => [across(at), up(value)] as const),
      colour,
    )
    svg.line([left + width + 16, top + 14 + i * 20], [left + width + 40, top + 14 + i * 20], colour, 3)
    svg.text(left + width + 48, top + 18 + i * 20, name, { fill: colour })
  })
  return svg.toString()
}

function drawBars({ title, note, unit, bars, mark }: BarChart): string {
  const [left, top, width, step] = [230, 62, 400, 26]
  const bottom = top + bars.length * step
  const svg = headed(left + width + 90, bottom + (mark ? 40 : 20), title, note)
  const most = Math.max(...bars.map(({ value }) => value), mark?.value ?? 0, Number.MIN_VALUE)
  const across = (value: number): number => (width * value) / most
  bars.forEach(({ name, value }, i) => {
    const y = top + i * step
    svg.text(left - 10, y + 14, name, { anchor: 'end' })
    svg.box([left, y + 2], across(value), step - 8, colours[0]!)
    // Beside the mark, not under it.
    const end = mark ? Math.max(value, mark.value) : value
    svg.text(left + across(end) + 8, y + 14, `${plain(value)} ${unit}`, { fill: soft })
  })
  if (mark) {
    const x = left + across(mark.value)
    svg.line([x, top - 4], [x, bottom + 4], colours[1]!, 2)
    svg.text(x, bottom + 20, mark.label, { anchor: 'middle', fill: colours[1]! })
  }
  return svg.toString()
}

function headed(width: number, height: number, title: string, note: string): Svg {
  const svg = new Svg(width, height)
  svg.text(12, 20, title, { bold: true })
  svg.text(12, 38, note, { fill: soft })
  return svg
}

interface Scale {
  readonly ticks: readonly number[]
  /** Where a value stands, from 0 at the bottom to 1 at the top. */
  place(value: number): number
}

function linearScale(values: readonly number[]): Scale {
  const most = Math.max(...values, Number.MIN_VALUE)
  const rough = 10 ** Math.floor(Math.log10(most))
  const step = [0.2, 0.5, 1, 2].map((part) => part * rough).find((step) => most / step <= 6)!
  const count = Math.ceil(most / step - 1e-9)
  const ticks = Array.from({ length: count + 1 }, (_, i) => i * step)
  return { ticks, place: (value) => value / (count * step) }
}

/** In steps of 1, 2 and 5, as many as it takes to hold all values. */
function logScale(values: readonly number[]): Scale {
  const [least, most] = [Math.min(...values.filter((value) => value > 0)), Math.max(...values)]
  const steps: number[] = []
  for (let ten = 10 ** Math.floor(Math.log10(least)); ten <= most * 10; ten *= 10)
    steps.push(ten, 2 * ten, 5 * ten)
  const from = steps.findLastIndex((step) => step <= least)
  const to = steps.findIndex((step) => step >= most)
  const ticks = steps.slice(from, to + 1)
  const [low, high] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)]
  return { ticks, place: (value) => (Math.log(Math.max(value, ticks[0]!)) - low) / (high - low) }
}

/** At most three digits that say something. */
function plain(value: number): string {
  return String(Number(value.toPrecision(3)))
}
