type Point = readonly [x: number, y: number]

interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly fill?: string
  readonly bold?: boolean
}

/** Lines, dots, boxes and words: all that a plot needs. */
export class Svg {
  readonly #size: Point
  readonly #parts: string[] = []

  constructor(width: number, height: number) {
    this.#size = [width, height]
  }

  line([x1, y1]: Point, [x2, y2]: Point, stroke: string, width = 1, dash?: string): void {
    const ends = `x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"`
    const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash}"`
    this.#parts.push(`<line ${ends} stroke="${stroke}" stroke-width="${width}"${dashes}/>`)
  }

  /** One line through many points. */
  path(points: readonly Point[], stroke: string, width = 2): void {
    const places = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')
    this.#parts.push(
      `<polyline points="${places}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"/>`,
    )
  }

  box([x, y]: Point, width: number, height: number, fill: string): void {
    const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`
    this.#parts.push(`<rect ${place} fill="${fill}"/>`)
  }

  dot([x, y]: Point, fill: string): void {
    this.#parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="4" fill="${fill}"/>`)
  }

  text(x: number, y: number, words: string, style: TextStyle = {}): void {
    const { anchor = 'start', fill = '#24292f', bold = false } = style
    const weight = bold ? ' font-weight="bold"' : ''
    const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}"${weight}`
    this.#parts.push(`<text ${place}>${escape(words)}</text>`)
  }

  toString(): string {
    const [width, height] = this.#size
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${this.#parts.join('\n')}
</svg>
`
  }
}

const round = (value: number): number => Math.round(value * 10) / 10

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
