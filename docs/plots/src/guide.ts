import type { FigureData } from './figure.js'

/** Where a figure stands in the guide: between these two comments, which a reader doesn't see. */
const place = /(<!-- plot: ([a-z-]+) -->\n)[\s\S]*?(<!-- \/plot -->)/g

/** The names of the figures that a guide has places for, in its order. */
export function placesIn(guide: string): string[] {
  return [...guide.matchAll(place)].map((found) => found[2]!)
}

/** The guide with its figures and tables as their data has them. */
export function fill(guide: string, data: (name: string) => FigureData): string {
  return guide.replace(place, (_, open: string, name: string, close: string) => {
    return `${open}${figureText(name, data(name))}${close}`
  })
}

function figureText(name: string, { chart, table }: FigureData): string {
  const [head = [], ...rows] = table
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
  const text = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `\n![${chart.title}](plots/${name}.svg)\n\n${text}\n\n`
}
